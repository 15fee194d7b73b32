import { z } from 'zod'
import type { LlmMessage, TokenUsage } from '../../../../server/src/platform/llm/llm-provider.ts'
import { openaiChat } from './openai-chat.ts'
import type { WholeAnswer, WireCall, WireFormat } from './wire-format.ts'

const content = z
  .union([z.string(), z.array(z.object({ type: z.enum(['input_text', 'output_text']), text: z.string() }))])
  .transform((value) => (typeof value === 'string' ? value : value.map(({ text }) => text).join('')))

const item = z.union([
  z.object({
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({ type: z.literal('function_call_output'), call_id: z.string(), output: content }),
  z.object({
    type: z.literal('message').optional(),
    role: z.enum(['system', 'developer', 'user', 'assistant']),
    content,
  }),
])

const request = z.object({
  model: z.string(),
  input: z.array(item).min(1),
  instructions: z.string().optional(),
  stream: z.boolean().default(false),
  max_output_tokens: z.number().optional(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        description: z.string().default(''),
        parameters: z.record(z.string(), z.json()),
      }),
    )
    .default([]),
})

/** `POST /responses`, OpenAI's newer interface. */
export const openaiResponses: WireFormat = {
  read(body) {
    const asked = request.parse(body)
    return {
      model: asked.model,
      streamed: asked.stream,
      maxOutputTokens: asked.max_output_tokens,
      tools: asked.tools.map(({ name, description, parameters }) => ({
        name,
        description,
        inputSchema: parameters,
      })),
      messages: [
        ...(asked.instructions === undefined ? [] : [{ role: 'system' as const, text: asked.instructions }]),
        ...messagesOf(asked.input),
      ],
    }
  },
  whole: ({ model }, answer) => responseOf(model, answer),
  events({ model }) {
    const items: object[] = []
    let isTextOpen = false
    const named = (data: { readonly type: string; readonly [key: string]: unknown }) => ({
      event: data.type,
      data,
    })
    return {
      open: () => [
        named({
          type: 'response.created',
          response: { id: 'resp_1', created_at: 1_700_000_000, model, status: 'in_progress' },
        }),
      ],
      text(text) {
        const added = named({
          type: 'response.output_item.added',
          output_index: items.length,
          item: { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
        })
        const opening = isTextOpen ? [] : [added]
        isTextOpen = true
        return [
          ...opening,
          named({
            type: 'response.output_text.delta',
            item_id: 'msg_1',
            output_index: items.length,
            content_index: 0,
            delta: text,
          }),
        ]
      },
      call(call) {
        const output_index = items.push(call)
        const whole = functionCall(call)
        return [
          named({
            type: 'response.output_item.added',
            output_index,
            item: { ...whole, arguments: '', status: 'in_progress' },
          }),
          named({
            type: 'response.function_call_arguments.delta',
            item_id: whole.id,
            output_index,
            delta: call.input,
          }),
          named({
            type: 'response.function_call_arguments.done',
            item_id: whole.id,
            output_index,
            arguments: call.input,
          }),
          named({ type: 'response.output_item.done', output_index, item: whole }),
        ]
      },
      finish(answer) {
        const done = named({
          type: 'response.output_item.done',
          output_index: 0,
          item: { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
        })
        const type = answer.reason === 'length' ? 'response.incomplete' : 'response.completed'
        return [...(isTextOpen ? [done] : []), named({ type, response: responseOf(model, answer) })]
      },
    }
  },
  error: openaiChat.error,
}

function messagesOf(items: readonly z.output<typeof item>[]): LlmMessage[] {
  const names = new Map<string, string>()
  return items.map((turn): LlmMessage => {
    if (turn.type === 'function_call') {
      names.set(turn.call_id, turn.name)
      const call = { id: turn.call_id, name: turn.name, input: JSON.parse(turn.arguments) as unknown }
      return { role: 'assistant', text: '', toolCalls: [call] }
    }
    if (turn.type === 'function_call_output') {
      return {
        role: 'tool',
        callId: turn.call_id,
        name: names.get(turn.call_id) ?? '',
        text: turn.output,
      }
    }
    return { role: turn.role === 'developer' ? 'system' : turn.role, text: turn.content }
  })
}

function functionCall({ id, name, input }: WireCall) {
  return {
    type: 'function_call' as const,
    id: `fc_${id}`,
    call_id: id,
    name,
    arguments: input,
    status: 'completed' as const,
  }
}

function responseOf(model: string, { text, calls, reason, usage }: WholeAnswer) {
  const said = {
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  }
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    model,
    status: reason === 'length' ? 'incomplete' : 'completed',
    incomplete_details: reason === 'length' ? { reason: 'max_output_tokens' } : null,
    output: [...(text === '' ? [] : [said]), ...calls.map(functionCall)],
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
  }
}

function usageOf({ inputTokens, outputTokens }: TokenUsage) {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
}
