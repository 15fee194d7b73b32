import type { LlmMessage, LlmProvider, LlmTool } from '../../../platform/llm/llm-provider.ts'

/** What providers put around each message and tool. */
const PER_PART = 6
/** Providers count at most a tenth more than `countTokens` says. */
const MOST_TRUTH = 10 / 9

/** The tokens of a conversation and its tools, as near as we can count. */
export function countInput(
  provider: Pick<LlmProvider, 'countTokens'>,
  model: string,
  { messages, tools = [] }: { readonly messages: readonly LlmMessage[]; readonly tools?: readonly LlmTool[] },
): number {
  const texts = [...messages.map(textOf), ...tools.map((tool) => JSON.stringify(tool))]
  return provider.countTokens(model, texts.join('\n')) + texts.length * PER_PART
}

/** What to hold for input that was counted as `tokens`: no less than the provider can count. */
export function heldFor(tokens: number): number {
  return Math.ceil(tokens * MOST_TRUTH)
}

function textOf(message: LlmMessage): string {
  if (message.role === 'assistant' && message.toolCalls !== undefined) {
    return `${message.text}\n${JSON.stringify(message.toolCalls)}`
  }
  return message.role === 'tool' ? `${message.name} ${message.callId} ${message.text}` : message.text
}
