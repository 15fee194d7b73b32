import type { LlmMessage, LlmRequest } from '../llm-provider.ts'

/** What vendors add around every message and tool, about. */
const AROUND = 4

/** The tokens of everything that is asked, about; for providers that do not say. */
export function countPrompt(
  { messages, tools = [] }: Pick<LlmRequest, 'messages' | 'tools'>,
  count: (text: string) => number,
): number {
  const texts = [...messages.map(textOf), ...tools.map((tool) => JSON.stringify(tool))]
  return texts.reduce((sum, text) => sum + count(text) + AROUND, 0)
}

function textOf(message: LlmMessage): string {
  if (message.role !== 'assistant' || message.toolCalls === undefined) return message.text
  return `${message.text}${JSON.stringify(message.toolCalls)}`
}
