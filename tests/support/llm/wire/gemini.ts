import { z } from 'zod'
import type { FinishReason, LlmMessage } from '../../../../server/src/platform/llm/llm-provider.ts'
import type { WholeAnswer, WireCall, WireFormat } from './wire-format.ts'

const json = z.record(z.string(), z.json())
const part = z.union([
  z.object({
    functionCall: z.object({ id: z.string().optional(), name: z.string(), args: json.optional() }),
  }),
  z.object({ functionResponse: z.object({ id: z.string().optional(), name: z.string(), response: json }) }),
  z.object({ text: z.string() }),
])

const declaration = z.object({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/),
  description: z.string().default(''),
  parameters: json.nullish(),
  parametersJsonSchema: json.nullish(),
})

const request = z.object({
  systemInstruction: z.object({ parts: z.array(z.object({ text: z.string() })) }).optional(),
  contents: z.array(z.object({ role: z.enum(['user', 'model']), parts: z.array(part) })).min(1),
  generationConfig: z.object({ maxOutputTokens: z.number().optional() }).optional(),
  tools: z
    .union([
      z.array(z.object({ functionDeclarations: z.array(declaration) })),
      z.object({ functionDeclarations: z.array(declaration) }),
    ])
    .nullish(),
})

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  // Gemini stops as ever when it calls a tool.
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
}

/** `models/{model}:generateContent` and `:streamGenerateContent?alt=sse` of Gemini. */
export const geminiContent: WireFormat = {
  read(body, path) {
    const asked = request.parse(body)
    const declared = [asked.tools ?? []].flat().flatMap(({ functionDeclarations }) => functionDeclarations)
    const system: LlmMessage[] = (asked.systemInstruction?.parts ?? []).map(({ text }) => ({
      role: 'system',
      text,
    }))
    return {
      model: /models\/([^:]+):/.exec(path)?.[1] ?? '',
      streamed: path.endsWith(':streamGenerateContent'),
      maxOutputTokens: asked.generationConfig?.maxOutputTokens,
      tools: declared.map(({ name, description, parameters, parametersJsonSchema }) => ({
        name,
        description,
        inputSchema: parametersJsonSchema ?? parameters ?? {},
      })),
      messages: [...system, ...asked.contents.flatMap(({ role, parts }) => turnsOf(role, parts))],
    }
  },
  whole: ({ model }, answer) => responseOf(model, answer.text, answer.calls, answer),
  events: ({ model }) => ({
    open: () => [],
    text: (text) => [{ data: responseOf(model, text, []) }],
    call: (call) => [{ data: responseOf(model, '', [call]) }],
    finish: (answer) => [{ data: responseOf(model, '', [], answer) }],
  }),
  error: (status, message) => ({ error: { code: status, message, status: `ERROR_${status}` } }),
}

function turnsOf(role: 'user' | 'model', parts: readonly z.output<typeof part>[]): LlmMessage[] {
  const text = parts.flatMap((one) => ('text' in one ? [one.text] : [])).join('')
  if (role === 'model') {
    const toolCalls = parts.flatMap((one) =>
      'functionCall' in one
        ? [
            {
              id: one.functionCall.id ?? one.functionCall.name,
              name: one.functionCall.name,
              input: one.functionCall.args ?? {},
            },
          ]
        : [],
    )
    return [{ role: 'assistant', text, ...(toolCalls.length > 0 ? { toolCalls } : {}) }]
  }
  const results = parts.flatMap((one): LlmMessage[] => {
    if (!('functionResponse' in one)) return []
    const { id, name, response } = one.functionResponse
    const said = response.content ?? response
    return [
      {
        role: 'tool',
        callId: id ?? name,
        name,
        text: typeof said === 'string' ? said : JSON.stringify(said),
      },
    ]
  })
  return [...results, ...(text === '' ? [] : [{ role, text }])]
}

function responseOf(model: string, text: string, calls: readonly WireCall[], end?: WholeAnswer) {
  const parts = [
    ...(text === '' ? [] : [{ text }]),
    ...calls.map(({ id, name, input }) => ({ functionCall: { id, name, args: parsed(input) } })),
  ]
  return {
    candidates: [
      {
        index: 0,
        content: { role: 'model', parts },
        ...(end === undefined ? {} : { finishReason: REASONS[end.reason] }),
      },
    ],
    modelVersion: model,
    responseId: 'response-1',
    ...(end?.usage === undefined
      ? {}
      : {
          usageMetadata: {
            promptTokenCount: end.usage.inputTokens,
            candidatesTokenCount: end.usage.outputTokens,
            totalTokenCount: end.usage.inputTokens + end.usage.outputTokens,
          },
        }),
  }
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}
