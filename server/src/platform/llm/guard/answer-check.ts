import { LlmError } from '../llm-error.ts'
import type { LlmPart, LlmRequest, TokenUsage, ToolCall } from '../llm-provider.ts'
import type { AdapterPart } from '../provider-kind.ts'
import type { GuardedAccount } from './account.ts'
import { createOutputMeter } from './output-meter.ts'
import { countPrompt } from './prompt-tokens.ts'

/** Where tokens are estimated (twice as many as there are, of some languages), an answer is cut only when it is too long beyond doubt. */
const ESTIMATE_SLACK = 2.5
/** More tools at once than any agent here would let a model call. */
const MAX_TOOL_CALLS = 64

/** Holds an answer to what was asked. */
export interface AnswerCheck {
  /** What of this part goes to the caller. @throws LlmError `bad_answer` */
  pass(part: AdapterPart): readonly LlmPart[]
  /** The last part has been passed. */
  readonly isOver: boolean
}

/** Builds the check of one answer. */
export function createAnswerCheck(
  { name, adapter, limits }: GuardedAccount,
  request: LlmRequest,
): AnswerCheck {
  const most = Math.min(request.maxOutputTokens, limits.maxOutputTokens)
  const count = (text: string) => adapter.countTokens(request.model, text)
  const exact = adapter.countsExactly?.(request.model) === true
  const meter = createOutputMeter(count, exact ? most : most * ESTIMATE_SLACK)
  let calls = 0
  let isOver = false

  const ownCount = (): TokenUsage => ({
    inputTokens: countPrompt(request, count),
    outputTokens: Math.min(Math.ceil(meter.tokens), most),
  })
  const cut = (): LlmPart => {
    isOver = true
    return { type: 'finish', reason: 'length', usage: ownCount() }
  }
  const passCall = (call: ToolCall): readonly LlmPart[] => {
    calls += 1
    if (calls > MAX_TOOL_CALLS || call.name === '' || call.id === '') {
      throw new LlmError('bad_answer', name, { cause: new Error('Tool calls that cannot be made') })
    }
    meter.take(call.name + (JSON.stringify(call.input) ?? ''))
    return meter.isFull ? [cut()] : [{ type: 'tool-call', call }]
  }

  return {
    get isOver() {
      return isOver
    },
    pass(part) {
      if (part.type === 'alive') return []
      if (part.type === 'tool-call') return passCall(part.call)
      if (part.type === 'finish') {
        isOver = true
        return [{ ...part, usage: believable(part.usage) ?? ownCount() }]
      }
      const text = meter.take(part.text)
      const kept: readonly LlmPart[] = text === '' ? [] : [{ type: 'text', text }]
      return meter.isFull ? [...kept, cut()] : kept
    },
  }
}

/** Zero input tokens are how servers that count nothing say so. */
function believable(usage: TokenUsage | undefined): TokenUsage | undefined {
  if (usage === undefined || !isCount(usage.outputTokens)) return undefined
  return isCount(usage.inputTokens) && usage.inputTokens > 0 ? usage : undefined
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 1e9
}
