import { z } from 'zod'
import type { FinishReason, TokenUsage } from '../../../../server/src/platform/llm/llm-provider.ts'
import type { WireCall, WireFormat } from './wire-format.ts'

const content = z
  .union([z.string(), z.null(), z.array(z.object({ type: z.literal('text'), text: z.string() }))])
  .optional()
  .transform((value) => (Array.isArray(value) ? value.map(({ text }) => text).join('') : (value ?? '')))

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content }),
  z.object({ role: z.literal('user'), content }),
  z.object({
    role: z.literal('assistant'),
    content,
    tool_calls: z
      .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
      .default([]),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content }),
])

const request = z.object({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.boolean().default(false),
  max_tokens: z.number().optional(),
  max_completion_tokens: z.number().optional(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
          description: z.string().default(''),
          parameters: z.record(z.string(), z.json()),
        }),
      }),
    )
    .default([]),
})

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'unknown',
}

/** `POST /chat/completions`, as OpenAI and everybody who is compatible with it. */
export const openaiChat: WireFormat = {
  read(body) {
    const asked = request.parse(body)
    const names = new Map<string, string>()
    return {
      model: asked.model,
      streamed: asked.stream,
      maxOutputTokens: asked.max_completion_tokens ?? asked.max_tokens,
      tools: asked.tools.map(({ function: { name, description, parameters } }) => ({
        name,
        description,
        inputSchema: parameters,
      })),
      messages: asked.messages.map((turn) => {
        switch (turn.role) {
          case 'tool':
            return {
              role: 'tool',
              callId: turn.tool_call_id,
              name: names.get(turn.tool_call_id) ?? '',
              text: turn.content,
            }
          case 'assistant': {
            const toolCalls = turn.tool_calls.map(({ id, function: { name, arguments: input } }) => {
              names.set(id, name)
              return { id, name, input: JSON.parse(input) as unknown }
            })
            return { role: 'assistant', text: turn.content, ...(toolCalls.length > 0 ? { toolCalls } : {}) }
          }
          case 'user':
            return { role: 'user', text: turn.content }
          default:
            return { role: 'system', text: turn.content }
        }
      }),
    }
  },
  whole: ({ model }, { text, calls, reason, usage }) => ({
    ...envelope('chat.completion', model),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' ? null : text,
          ...(calls.length > 0 ? { tool_calls: calls.map(callOf) } : {}),
        },
        finish_reason: REASONS[reason],
      },
    ],
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
  }),
  events({ model }) {
    let calls = 0
    const chunk = (delta: object, finish: string | null = null) => [
      {
        data: {
          ...envelope('chat.completion.chunk', model),
          choices: [{ index: 0, delta, finish_reason: finish }],
        },
      },
    ]
    return {
      open: () => chunk({ role: 'assistant', content: '' }),
      text: (text) => chunk({ content: text }),
      call(call) {
        const index = calls++
        const half = Math.ceil(call.input.length / 2)
        return [
          ...chunk({ tool_calls: [{ index, ...callOf({ ...call, input: '' }) }] }),
          ...chunk({ tool_calls: [{ index, function: { arguments: call.input.slice(0, half) } }] }),
          ...chunk({ tool_calls: [{ index, function: { arguments: call.input.slice(half) } }] }),
        ]
      },
      finish: ({ reason, usage }) => [
        ...chunk({}, REASONS[reason]),
        ...(usage === undefined
          ? []
          : [
              {
                data: {
                  ...envelope('chat.completion.chunk', model),
                  choices: [],
                  usage: usageOf(usage),
                },
              },
            ]),
        { data: '[DONE]' as const },
      ],
    }
  },
  error: (status, text) => ({ error: { message: text, type: `error_${status}`, param: null, code: null } }),
}

function envelope(object: string, model: string) {
  return { id: 'chatcmpl-1', object, created: 1_700_000_000, model }
}

function callOf({ id, name, input }: WireCall) {
  return { id, type: 'function', function: { name, arguments: input } }
}

function usageOf({ inputTokens, outputTokens }: TokenUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
}
