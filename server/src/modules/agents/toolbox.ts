import type { Actor } from '../../contract/actor.ts'
import type { JsonObject } from '../../platform/llm/json.ts'

/** A procedure as an agent uses it. */
export interface Tool {
  /** What the model calls it: `tasks_create`. */
  readonly name: string
  /** The procedure: `tasks.create`. */
  readonly path: string
  readonly summary: string
  readonly description: string
  /** What an API key needs for it. */
  readonly scope: string
  /** JSON Schema 2020-12 of its input. */
  readonly inputSchema: JsonObject
  /** It takes something away, gives it away or sends it out: a person has to agree. */
  readonly needsConfirmation: boolean
  /** Changes nothing. */
  readonly readOnly: boolean
}

/** How a tool is run. */
export interface ToolRun {
  /** Who the agent acts for, with the rights they have now; null when they have none any more. */
  readonly actor: () => Promise<Actor | null>
  readonly signal: AbortSignal
  /** The same for a call that is done again. */
  readonly idempotencyKey: string
  /** From {@link Toolbox.confirm}, for what a person agreed to. */
  readonly confirmation?: string
  readonly traceId: string
}

/** Why a tool failed, as a model is told. */
export interface ToolError {
  readonly code: string
  readonly message: string
  readonly nextStep: string
  readonly retryAfterMs?: number | undefined
}

/** What a run of a tool came to. */
export type ToolOutcome =
  | { readonly status: 'done'; readonly value: unknown }
  /** Nothing happened: a person has to agree first. */
  | { readonly status: 'unconfirmed' }
  | { readonly status: 'failed'; readonly error: ToolError }

/**
 * The procedures as tools, as this module needs them. The composition root supplies it: modules do not know the surface
 * that makes tools of procedures.
 */
export interface Toolbox {
  readonly tools: readonly Tool[]
  /** Those that `actor` may call as far as their role and credential tell. */
  offeredTo(actor: Actor): readonly Tool[]
  /** A person's agreement to exactly this call, for the step with this idempotency key. */
  confirm(call: {
    readonly userId: string
    readonly name: string
    readonly input: unknown
    readonly step: string
  }): string
  /** Runs a tool by name. Does not reject. */
  run(name: string, input: unknown, run: ToolRun): Promise<ToolOutcome>
}

/** The toolbox, made after this module: its tools are the procedures of all modules. */
export type FindToolbox = () => Toolbox
