import type { FinishReason, TokenUsage, ToolCall } from '../../../../server/src/platform/llm/llm-provider.ts'
import type { Question } from '../script.ts'

/** A tool call whose input may be no JSON at all. */
export interface WireCall extends Omit<ToolCall, 'input'> {
  /** JSON, usually. */
  readonly input: string
}

/** What a whole answer is made of. */
export interface WholeAnswer {
  readonly text: string
  readonly calls: readonly WireCall[]
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}

/** One event of a stream. */
export interface WireEvent {
  /** For formats that name their events. */
  readonly event?: string
  readonly data: Readonly<Record<string, unknown>> | '[DONE]'
}

/** Events of one streamed answer; keeps the vendor's running numbers. */
export interface EventWriter {
  open(): readonly WireEvent[]
  text(text: string): readonly WireEvent[]
  call(call: WireCall): readonly WireEvent[]
  finish(answer: WholeAnswer): readonly WireEvent[]
}

/** How one vendor writes a conversation. */
export interface WireFormat {
  /** @throws ZodError for a request the vendor would refuse */
  read(body: unknown, path: string): Question
  whole(question: Question, answer: WholeAnswer): Readonly<Record<string, unknown>>
  events(question: Question, inputTokens: number): EventWriter
  /** How the vendor tells of an error. */
  error(status: number, message: string): Readonly<Record<string, unknown>>
}
