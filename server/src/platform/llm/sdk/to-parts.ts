import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import { InvalidResponseDataError } from '@ai-sdk/provider'
import type { FinishReason, TokenUsage } from '../llm-provider.ts'
import type { AdapterPart } from '../provider-kind.ts'
import { AnswerCutError } from './answer-cut-error.ts'
import type { ToolNames } from './tool-names.ts'

/**
 * Parts of the AI SDK as ours.
 * @throws what the SDK reports as an error; AnswerCutError when the stream stops before the vendor says why
 */
export async function* toParts(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  names: ToolNames,
): AsyncGenerator<AdapterPart> {
  let began = false
  let calls = 0
  for await (const part of stream) {
    switch (part.type) {
      case 'text-delta':
        began = true
        yield part.delta === '' ? { type: 'alive' } : { type: 'text', text: part.delta }
        break
      case 'reasoning-delta':
      case 'tool-input-start':
      case 'tool-input-delta':
        began = true
        yield { type: 'alive' }
        break
      case 'tool-call':
        began = true
        calls += 1
        yield {
          type: 'tool-call',
          call: { id: part.toolCallId, name: names.fromVendor(part.toolName), input: parsed(part.input) },
        }
        break
      case 'error':
        // How one of the packages says that the end is missing.
        throw InvalidResponseDataError.isInstance(part.error) ? new AnswerCutError(began) : part.error
      case 'finish':
        if (wasCut(part.finishReason)) throw new AnswerCutError(began)
        yield { type: 'finish', reason: reasonOf(part.finishReason, calls), usage: usageOf(part.usage) }
        return
    }
  }
  throw new AnswerCutError(began)
}

/** Without the vendor's own word for it the SDK has made the end up. */
function wasCut({ raw, unified }: LanguageModelV4FinishReason): boolean {
  return raw === undefined || unified === 'interrupted'
}

function reasonOf({ unified }: LanguageModelV4FinishReason, calls: number): FinishReason {
  // Some servers say "stop" after tool calls too.
  if (calls > 0 && unified !== 'length') return 'tool-calls'
  return unified === 'error' || unified === 'interrupted' ? 'other' : unified
}

function usageOf({ inputTokens, outputTokens }: LanguageModelV4Usage): TokenUsage | undefined {
  return inputTokens.total === undefined || outputTokens.total === undefined
    ? undefined
    : { inputTokens: inputTokens.total, outputTokens: outputTokens.total }
}

/** What is no JSON stays the text that the model wrote, for its reader to refuse. */
function parsed(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    return text
  }
}
