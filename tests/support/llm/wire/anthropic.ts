import { z } from 'zod'
import type {
  FinishReason,
  LlmMessage,
  TokenUsage,
} from '../../../../server/src/platform/llm/llm-provider.ts'
import type { WireFormat } from './wire-format.ts'

const texts = z
  .union([z.string(), z.array(z.object({ type: z.literal('text'), text: z.string() }))])
  .transform((value) => (typeof value === 'string' ? value : value.map(({ text }) => text).join('')))

const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown() }),
  z.object({ type: z.literal('tool_result'), tool_use_id: z.string(), content: texts.default('') }),
])

const request = z.object({
  model: z.string(),
  system: texts.optional(),
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'assistant']),
        content: z
          .union([z.string(), z.array(block)])
          .transform((value) =>
            typeof value === 'string' ? [{ type: 'text' as const, text: value }] : value,
          ),
      }),
    )
    .min(1),
  stream: z.boolean().default(false),
  max_tokens: z.number(),
  tools: z
    .array(
      z.object({
        name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        description: z.string().default(''),
        input_schema: z.record(z.string(), z.json()),
      }),
    )
    .default([]),
})

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'unknown',
}

/** `POST /messages` of Anthropic. */
export const anthropicMessages: WireFormat = {
  read(body) {
    const asked = request.parse(body)
    const names = new Map<string, string>()
    const system: LlmMessage[] = asked.system === undefined ? [] : [{ role: 'system', text: asked.system }]
    return {
      model: asked.model,
      streamed: asked.stream,
      maxOutputTokens: asked.max_tokens,
      tools: asked.tools.map(({ name, description, input_schema }) => ({
        name,
        description,
        inputSchema: input_schema,
      })),
      messages: [...system, ...asked.messages.flatMap(({ role, content }) => turnsOf(role, content, names))],
    }
  },
  whole: ({ model }, { text, calls, reason, usage }) => ({
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    model,
    content: [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input: parsed(input) })),
    ],
    stop_reason: REASONS[reason],
    stop_sequence: null,
    usage: usageOf(usage),
  }),
  events({ model }, inputTokens) {
    let index = -1
    let isTextOpen = false
    const named = (data: { readonly type: string; readonly [key: string]: unknown }) => ({
      event: data.type,
      data,
    })
    const close = () => {
      const wasOpen = isTextOpen
      isTextOpen = false
      return wasOpen ? [named({ type: 'content_block_stop', index })] : []
    }
    return {
      open: () => [
        named({
          type: 'message_start',
          message: {
            id: 'msg_1',
            type: 'message',
            role: 'assistant',
            model,
            content: [],
            stop_reason: null,
            usage: { input_tokens: inputTokens, output_tokens: 1 },
          },
        }),
        named({ type: 'ping' }),
      ],
      text(text) {
        if (!isTextOpen) index += 1
        const start = named({
          type: 'content_block_start',
          index,
          content_block: { type: 'text', text: '' },
        })
        const opening = isTextOpen ? [] : [start]
        isTextOpen = true
        return [
          ...opening,
          named({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } }),
        ]
      },
      call({ id, name, input }) {
        const closing = close()
        index += 1
        return [
          ...closing,
          named({
            type: 'content_block_start',
            index,
            content_block: { type: 'tool_use', id, name, input: {} },
          }),
          named({
            type: 'content_block_delta',
            index,
            delta: { type: 'input_json_delta', partial_json: input },
          }),
          named({ type: 'content_block_stop', index }),
        ]
      },
      finish: ({ reason, usage }) => [
        ...close(),
        named({
          type: 'message_delta',
          delta: { stop_reason: REASONS[reason], stop_sequence: null },
          usage: usageOf(usage),
        }),
        named({ type: 'message_stop' }),
      ],
    }
  },
  error: (status, message) => ({ type: 'error', error: { type: `error_${status}`, message } }),
}

function turnsOf(
  role: 'user' | 'assistant',
  blocks: readonly z.output<typeof block>[],
  names: Map<string, string>,
): LlmMessage[] {
  const text = blocks.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('')
  if (role === 'assistant') {
    const toolCalls = blocks.flatMap((one) => {
      if (one.type !== 'tool_use') return []
      names.set(one.id, one.name)
      return [{ id: one.id, name: one.name, input: one.input }]
    })
    return [{ role, text, ...(toolCalls.length > 0 ? { toolCalls } : {}) }]
  }
  const results = blocks.flatMap((one): LlmMessage[] =>
    one.type === 'tool_result'
      ? [
          {
            role: 'tool',
            callId: one.tool_use_id,
            name: names.get(one.tool_use_id) ?? '',
            text: one.content,
          },
        ]
      : [],
  )
  return [...results, ...(text === '' ? [] : [{ role, text }])]
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return { unreadable: input }
  }
}

function usageOf(usage: TokenUsage | undefined) {
  return { input_tokens: usage?.inputTokens ?? 0, output_tokens: usage?.outputTokens ?? 0 }
}
