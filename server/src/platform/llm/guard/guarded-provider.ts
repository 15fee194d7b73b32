import { collectAnswer } from '../collect.ts'
import { LlmError } from '../llm-error.ts'
import type { LlmProvider } from '../llm-provider.ts'
import type { GuardedAccount } from './account.ts'
import { createAvailability } from './availability.ts'
import { guardedEmbed } from './guarded-embed.ts'
import { guardedStream } from './guarded-stream.ts'

/** Puts the limits, the breaker and the telemetry around an adapter, and makes whole answers from its streams. */
export function guardedProvider(account: GuardedAccount): LlmProvider {
  const { name, adapter } = account
  return {
    name,
    async generate(request) {
      const answer = await collectAnswer(guardedStream(account, request))
      if (answer === undefined) throw new LlmError('bad_answer', name)
      return answer
    },
    stream: (request) => guardedStream(account, request),
    embed: (request) => guardedEmbed(account, request),
    countTokens: (model, text) => adapter.countTokens(model, text),
    isAvailable: createAvailability(account),
  }
}
