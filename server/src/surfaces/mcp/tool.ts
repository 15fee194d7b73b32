import type { InputRequiredResult, Tool } from '@modelcontextprotocol/server'
import type { Actor } from '../../contract/actor.ts'
import type { CallContext } from '../../contract/call-context.ts'
import type { RegistryEntry } from '../../contract/registry.ts'

/** How far a call is; `done` only grows. */
export interface Progress {
  readonly done: number
  readonly total: number | undefined
  readonly message: string
}

/** One call of a tool. */
export interface ToolCall {
  readonly actor: Actor
  readonly context: CallContext
  readonly args: Record<string, unknown>
  /** Aborts when the client goes away or cancels. */
  readonly signal: AbortSignal
  /** Aborts when the server stops: a wait then ends with what there is, so that its answer is not cut off. */
  readonly stopping: AbortSignal
  /** Says that the call has a stream's slot and from here on only waits, which is no work to be bounded. */
  readonly waits: () => void
  /** Present when the client wants to hear of progress. */
  readonly progress: ((progress: Progress) => void) | undefined
  /**
   * The question to the person in front of the client, where there is one who has not been asked yet.
   * @throws FORBIDDEN when they said no
   */
  readonly confirm: (entry: RegistryEntry) => InputRequiredResult | undefined
}

/** What a tool came to: an object as its output schema says, or a question that has to be answered first. */
export type ToolAnswer =
  | { readonly kind: 'done'; readonly value: object }
  | { readonly kind: 'ask'; readonly question: InputRequiredResult }

/** A tool as the server keeps it. */
export interface McpTool {
  readonly definition: Tool
  /** Whether it is listed for `actor`; whether they may call it is for the pipeline to say. */
  shownTo(actor: Actor): boolean
  /** @throws AppError */
  run(call: ToolCall): Promise<ToolAnswer>
}

/** A value as the answer of a tool. */
export function done(value: object): ToolAnswer {
  return { kind: 'done', value }
}
