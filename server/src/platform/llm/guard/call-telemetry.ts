import { counter, durations, type Span, withSpan } from '../../telemetry/index.ts'
import { LlmError } from '../llm-error.ts'
import type { TokenUsage } from '../llm-provider.ts'
import type { GuardedAccount } from './account.ts'

// Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/
const callDuration = durations({
  name: 'gen_ai.client.operation.duration',
  description: 'Calls of language models, by provider and how they ended.',
})
const firstPart = durations({
  name: 'gen_ai.server.time_to_first_token',
  description: 'From asking a provider to the first piece of its answer.',
})
const tokens = counter({
  name: 'plinth.llm.tokens',
  description: 'Tokens of calls that ended well, by provider and kind.',
  unit: '{token}',
})

/** What is known of a call that ended. */
export interface CallReport {
  readonly usage?: TokenUsage | undefined
  readonly firstPartMs?: number | undefined
}

/** Makes a span and the numbers of one call. What was asked and answered is no part of it. */
export function reportCall(
  { name, address }: GuardedAccount,
  operation: 'chat' | 'embeddings',
  model: string,
) {
  const started = performance.now()
  const end = Promise.withResolvers<(span: Span) => void>()
  const attributes = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': name,
    'gen_ai.request.model': model,
    'server.address': address?.hostname,
    'server.port': portOf(address),
  }
  void withSpan(`${operation} ${model}`, { kind: 'client', attributes }, async (span) =>
    (await end.promise)(span),
  )
  const labels = { 'gen_ai.operation.name': operation, 'gen_ai.provider.name': name }
  return {
    /** `error` is undefined when it ended well. */
    ended(error: unknown, report: CallReport | undefined): void {
      const type = error === undefined ? undefined : typeOf(error)
      callDuration.record((performance.now() - started) / 1_000, { ...labels, 'error.type': type })
      if (report?.firstPartMs !== undefined) firstPart.record(report.firstPartMs / 1_000, labels)
      const { inputTokens, outputTokens } = report?.usage ?? {}
      tokens.add(inputTokens ?? 0, { ...labels, 'gen_ai.token.type': 'input' })
      tokens.add(outputTokens ?? 0, { ...labels, 'gen_ai.token.type': 'output' })
      end.resolve((span) => {
        span.set({ 'gen_ai.usage.input_tokens': inputTokens, 'gen_ai.usage.output_tokens': outputTokens })
        if (type === 'left') span.refused(type)
        else if (type !== undefined) span.failed(type)
      })
    },
  }
}

function typeOf(error: unknown): string {
  return error instanceof LlmError ? error.failure : 'left'
}

function portOf(address: URL | undefined): number | undefined {
  if (address === undefined || address.hostname === '') return undefined
  return address.port === '' ? (address.protocol === 'https:' ? 443 : 80) : Number(address.port)
}
