import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import type { LlmMessage, LlmRequest, ToolCall } from '../llm-provider.ts'
import type { ToolNames } from './tool-names.ts'

/** A request as the AI SDK takes it. */
export function toCallOptions(request: LlmRequest, names: ToolNames): LanguageModelV4CallOptions {
  const { tools = [], temperature } = request
  return {
    prompt: [...systemOf(request.messages), ...request.messages.flatMap((message) => turnOf(message, names))],
    maxOutputTokens: request.maxOutputTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: 'function' as const,
            name: names.toVendor(name),
            description,
            inputSchema,
          })),
        }),
    abortSignal: request.signal,
  }
}

/** Vendors take one system text, at the beginning. */
function systemOf(messages: readonly LlmMessage[]): LanguageModelV4Message[] {
  const text = messages
    .filter((message) => message.role === 'system')
    .map((message) => message.text)
    .join('\n\n')
  return text === '' ? [] : [{ role: 'system', content: text }]
}

function turnOf(message: LlmMessage, names: ToolNames): LanguageModelV4Message[] {
  switch (message.role) {
    case 'system':
      return []
    case 'user':
      return [{ role: 'user', content: [{ type: 'text', text: message.text }] }]
    case 'assistant': {
      const text = message.text === '' ? [] : [{ type: 'text' as const, text: message.text }]
      const calls = (message.toolCalls ?? []).map((call) => callPart(call, names))
      // Vendors refuse empty turns.
      return text.length + calls.length === 0 ? [] : [{ role: 'assistant', content: [...text, ...calls] }]
    }
    case 'tool':
      return [
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: plainId(message.callId),
              toolName: names.toVendor(message.name),
              output: { type: 'text', value: message.text },
            },
          ],
        },
      ]
  }
}

function callPart({ id, name, input }: ToolCall, names: ToolNames) {
  return {
    type: 'tool-call' as const,
    toolCallId: plainId(id),
    toolName: names.toVendor(name),
    // What a model wrote that was no object, no vendor takes back.
    input: typeof input === 'object' && input !== null && !Array.isArray(input) ? input : { input },
  }
}

/** One vendor's id may go to another when a thread changes its model. */
function plainId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64)
}
