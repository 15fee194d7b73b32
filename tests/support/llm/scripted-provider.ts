import { once } from 'node:events'
import { LlmError, type LlmFailure } from '../../../server/src/platform/llm/llm-error.ts'
import type {
  EmbedRequest,
  FinishReason,
  LlmAnswer,
  LlmPart,
  LlmProvider,
  LlmRequest,
  TokenUsage,
  ToolCall,
} from '../../../server/src/platform/llm/llm-provider.ts'
import { hashedVector } from './embed.ts'
import { estimateTokens, promptOf } from './script.ts'

/** What a scripted model does, in order; what it throws is how the provider fails. */
export type ScriptedStep =
  | { readonly text: string }
  | { readonly call: string; readonly input: unknown; readonly id?: string }
  | { readonly wait: Promise<unknown> }
  | { readonly usage: TokenUsage }
  | { readonly reason: FinishReason }
  | { readonly fail: LlmFailure; readonly retryAfterMs?: number }

/** Steps for a request, at once or one after the other. */
export type ProviderScript = (
  request: LlmRequest,
  nth: number,
) => Iterable<ScriptedStep> | AsyncIterable<ScriptedStep>

/** A provider in this process that does what a test says, for `Overrides.llmProviders`. */
export interface ScriptedProvider extends LlmProvider {
  /** What was asked, in order. */
  readonly requests: readonly LlmRequest[]
  readonly embedded: readonly EmbedRequest[]
  /** Calls whose reader stopped or whose signal aborted before they had ended. */
  aborted(): number
  answer(script: ProviderScript): void
}

/** Makes a {@link ScriptedProvider} that answers "Yes." until told otherwise. */
export function scriptedProvider(
  name = 'scripted',
  script: ProviderScript = () => [{ text: 'Yes.' }],
): ScriptedProvider {
  const requests: LlmRequest[] = []
  const embedded: EmbedRequest[] = []
  let current = script
  let aborted = 0

  async function* stream(request: LlmRequest): AsyncGenerator<LlmPart> {
    const nth = requests.push(request) - 1
    const said = { text: '', calls: 0, reason: undefined as FinishReason | undefined }
    let usage: TokenUsage | undefined
    let hasEnded = false
    try {
      for await (const step of current(request, nth)) {
        request.signal.throwIfAborted()
        if ('text' in step) {
          said.text += step.text
          yield { type: 'text', text: step.text }
        } else if ('call' in step) {
          said.calls += 1
          yield {
            type: 'tool-call',
            call: { id: step.id ?? `call_${said.calls}`, name: step.call, input: step.input },
          }
        } else if ('wait' in step) await Promise.race([step.wait, abortOf(request.signal)])
        else if ('usage' in step) usage = step.usage
        else if ('reason' in step) said.reason = step.reason
        else {
          hasEnded = true
          throw new LlmError(step.fail, name, { retryAfterMs: step.retryAfterMs })
        }
        request.signal.throwIfAborted()
      }
      hasEnded = true
      yield {
        type: 'finish',
        reason: said.reason ?? (said.calls > 0 ? 'tool-calls' : 'stop'),
        usage: usage ?? {
          inputTokens: estimateTokens(promptOf({ messages: request.messages, tools: request.tools ?? [] })),
          outputTokens: estimateTokens(said.text),
        },
      }
    } finally {
      if (!hasEnded) aborted += 1
    }
  }

  return {
    name,
    requests,
    embedded,
    aborted: () => aborted,
    answer(next) {
      current = next
    },
    stream,
    generate: (request) => whole(stream(request)),
    async embed(request) {
      embedded.push(request)
      const vectors = request.texts.map((text) => Float32Array.from(hashedVector(text)))
      return { vectors, inputTokens: estimateTokens(request.texts.join('')) }
    },
    countTokens: (_model, text) => estimateTokens(text),
    isAvailable: async () => true,
  }
}

async function whole(parts: AsyncIterable<LlmPart>): Promise<LlmAnswer> {
  let text = ''
  const toolCalls: ToolCall[] = []
  for await (const part of parts) {
    if (part.type === 'text') text += part.text
    else if (part.type === 'tool-call') toolCalls.push(part.call)
    else return { text, toolCalls, reason: part.reason, usage: part.usage }
  }
  throw new Error('A scripted answer always finishes')
}

async function abortOf(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}
