import type { JsonSchema } from '../../contract/json-schema.ts'

/** The contract as `client-sdk/contract.json` keeps it: what callers can rely on, and nothing of how it is done. */
export interface Contract {
  /** The version of `@plinth/client` that was released with it. */
  readonly version: string
  /** All releases, oldest first. */
  readonly releases: readonly Release[]
  /** The catalogue: the HTTP status of a code, the code of a reason. */
  readonly errors: {
    readonly codes: Readonly<Record<string, number>>
    readonly reasons: Readonly<Record<string, string>>
  }
  /** Schemas with a name, as callers send them and as they get them. */
  readonly types: Readonly<Record<Direction, Readonly<Record<string, JsonSchema>>>>
  readonly procedures: Readonly<Record<string, ContractProcedure>>
}

/** Whether callers send it or get it. */
export type Direction = 'input' | 'output'

/** One release. */
export interface Release {
  readonly version: string
  /** The day, as an ISO date. */
  readonly date: string
  /** Clients of the release before no longer work in full. */
  readonly breaking: boolean
}

/** What callers feel of a procedure. */
export interface ContractProcedure {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly input: JsonSchema | null
  /** The answer; of a subscription, one event. */
  readonly output: JsonSchema
  readonly job: { readonly name: string; readonly result: JsonSchema } | null
  /** `public`, `user`, `self`, `admin`, `super_admin`, or `member:` and the role. */
  readonly access: string
  readonly scope: string
  readonly limit: string
  readonly freshMinutes: number | null
  readonly batch: boolean
  readonly idempotent: boolean
  readonly destructive: boolean
  readonly upload: { readonly maxBytes: number | null; readonly types: readonly string[] | null } | null
  /** The declared reasons, with those the pipeline adds. */
  readonly errors: readonly string[]
  readonly deprecated: { readonly since: string; readonly use: string; readonly sunset: string | null } | null
  /** Null where a surface does not have it. */
  readonly rest: ContractOperation | null
  readonly command: ContractCommand | null
  readonly tool: ContractTool | null
  readonly agent: boolean
}

/** The operation on REST. */
export interface ContractOperation {
  readonly method: string
  readonly path: string
  readonly pathFields: readonly string[]
  readonly queryFields: readonly string[]
  readonly body: string
  readonly bodyFields: readonly string[]
  readonly status: number
  readonly located: string | null
  readonly versioned: boolean
}

/** The command: its words, the field that needs no flag, and its flags. */
export interface ContractCommand {
  readonly words: string
  readonly positional: string | null
  readonly flags: readonly string[]
}

/** The tool, and what it tells programs that decide whether to ask a person. */
export interface ContractTool {
  readonly listed: boolean
  readonly readOnly: boolean
  readonly destructive: boolean
  readonly idempotent: boolean
}

/** A way of calling that a difference can break. */
export type Caller = 'SDK' | 'REST' | 'command' | 'tool'

/** The callers a procedure has. */
export function callersOf({ rest, command, tool }: ContractProcedure): Caller[] {
  return [
    'SDK' as const,
    ...(rest === null ? [] : ['REST' as const]),
    ...(command === null ? [] : ['command' as const]),
    ...(tool === null ? [] : ['tool' as const]),
  ]
}
