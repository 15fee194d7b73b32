import type { LlmMessage, ToolCall } from '../llm-provider.ts'
import { instructionsIn, type Source, sourcesIn } from './sources.ts'

/** A tool call of this turn, and what came of it. */
export interface DoneCall {
  readonly call: ToolCall
  /** What the tool answered: JSON where it was JSON, else the text. */
  readonly result: unknown
  /** Why it came to nothing, in the tool's words. */
  readonly failure: string | undefined
}

/** A conversation as the demo model reads it. */
export interface Conversation {
  readonly instructions: string
  readonly sources: readonly Source[]
  /** What the user said last. */
  readonly request: string
  /** What the user said before, oldest first. */
  readonly said: readonly string[]
  /** Since the user spoke last. */
  readonly calls: readonly DoneCall[]
}

/** Reads a conversation. What tools and documents say is material; only the system and the user ask for anything. */
export function readConversation(messages: readonly LlmMessage[]): Conversation {
  const spoken = messages.flatMap((message) => (message.role === 'user' ? [message.text] : []))
  const last = messages.findLastIndex((message) => message.role === 'user')
  return {
    instructions: instructionsIn(messages),
    sources: sourcesIn(messages),
    request: spoken.at(-1) ?? '',
    said: spoken.slice(0, -1),
    calls: callsIn(messages.slice(last + 1)),
  }
}

function callsIn(messages: readonly LlmMessage[]): DoneCall[] {
  const results = new Map(
    messages.flatMap((message) => (message.role === 'tool' ? [[message.callId, message.text] as const] : [])),
  )
  return messages.flatMap((message) =>
    message.role === 'assistant'
      ? (message.toolCalls ?? []).map((call) => doneCall(call, results.get(call.id)))
      : [],
  )
}

function doneCall(call: ToolCall, text: string | undefined): DoneCall {
  if (text === undefined) return { call, result: undefined, failure: 'it gave no answer' }
  const result = parsed(text)
  return { call, result, failure: failureIn(result) }
}

/** A result may have a word before it that says what it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^[^[{"]{0,60}(?=[[{])/, ''))
  } catch {
    return text
  }
}

function failureIn(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const error = 'error' in result ? result.error : undefined
  if (typeof error === 'string') return error
  const holder = typeof error === 'object' && error !== null ? error : result
  const message = 'message' in holder && typeof holder.message === 'string' ? holder.message : undefined
  if (holder === error) return message ?? 'it failed'
  // A refusal that is not wrapped: a code in capitals and what it means.
  const named = 'failed' in result ? result.failed : 'code' in result ? result.code : undefined
  const code = typeof named === 'string' ? named : ''
  return message !== undefined && /^[A-Z_]+$/.test(code) ? message : undefined
}
