import { LlmError } from '../llm-error.ts'
import type { Embeddings, EmbedRequest } from '../llm-provider.ts'
import type { GuardedAccount } from './account.ts'
import { asLlmError } from './as-llm-error.ts'
import { beginCall } from './call.ts'
import { requireVectors } from './require-vectors.ts'

/** Makes vectors within the limits. @throws LlmError; the reason of the request's signal */
export async function guardedEmbed(account: GuardedAccount, request: EmbedRequest): Promise<Embeddings> {
  request.signal.throwIfAborted()
  if (request.texts.length === 0) return { vectors: [], inputTokens: 0 }
  const { name, adapter, limits } = account
  const call = await beginCall(account, 'embeddings', request.model, request.signal)
  try {
    const work = adapter.embed({ ...request, signal: call.signal })
    const made = await call.within(work, limits.totalTimeoutMs)
    requireVectors(name, made.vectors, request.texts.length)
    const inputTokens = isCount(made.inputTokens) ? made.inputTokens : countAll(account, request)
    call.end({ usage: { inputTokens, outputTokens: 0 } })
    return { vectors: made.vectors, inputTokens }
  } catch (thrown) {
    if (request.signal.aborted) {
      call.end({ error: request.signal.reason })
      throw request.signal.reason
    }
    const error = thrown instanceof LlmError ? thrown : asLlmError(name, thrown)
    call.end({ error })
    throw error
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && value < 1e9
}

function countAll({ adapter }: GuardedAccount, { model, texts }: EmbedRequest): number {
  return texts.reduce((sum, text) => sum + adapter.countTokens(model, text), 0)
}
