import type { LlmAnswer, LlmPart, ToolCall } from './llm-provider.ts'

/** Reads an answer to its end. Undefined when the end is missing. */
export async function collectAnswer(parts: AsyncIterable<LlmPart>): Promise<LlmAnswer | undefined> {
  let text = ''
  const toolCalls: ToolCall[] = []
  for await (const part of parts) {
    if (part.type === 'text') text += part.text
    else if (part.type === 'tool-call') toolCalls.push(part.call)
    else return { text, toolCalls, reason: part.reason, usage: part.usage }
  }
  return undefined
}
