import type { Schema } from './schema.ts'

/** The shape of the document that this command was written for. */
export const KNOWN_FORMAT = 1

/** The ways a procedure can be called that this command knows. */
export type Kind = 'query' | 'mutation' | 'subscription'

/** A reason a procedure gives when it fails. */
export interface DeclaredError {
  readonly reason: string
  readonly code: string
  readonly message: string
}

/** That a procedure goes away. */
export interface DeprecatedProcedure {
  readonly since: string
  /** The path of the procedure to call instead. */
  readonly use: string
  readonly sunset: string | undefined
}

/** A procedure of the server, as `/contract.json` describes it. */
export interface Procedure {
  readonly path: string
  readonly kind: Kind
  readonly summary: string
  readonly description: string | undefined
  /** Undefined when there is nothing to send. */
  readonly input: Schema | undefined
  readonly output: Schema
  /** What the job answers in the end, for a mutation that begins one. */
  readonly jobResult: Schema | undefined
  readonly upload: boolean
  readonly destructive: boolean
  readonly batch: boolean
  /** Who may call it, in words. */
  readonly access: string
  /** What an API key needs; undefined when none or any will do. */
  readonly scope: string | undefined
  readonly deprecated: DeprecatedProcedure | undefined
  readonly errors: readonly DeclaredError[]
  /** An input that is valid, for help. */
  readonly example: Schema | undefined
}

/** What a server can do. */
export interface Contract {
  readonly format: number
  readonly version: string
  readonly procedures: readonly Procedure[]
  /** What of the document this command does not know, in words; empty for most. */
  readonly unknown: readonly string[]
}
