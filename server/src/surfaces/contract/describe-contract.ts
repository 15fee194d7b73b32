import type { Deprecation } from '../../contract/deprecation.ts'
import { type ErrorCode, type ErrorReason, errorReasons } from '../../contract/errors.ts'
import { exampleInput } from '../../contract/example-input.ts'
import type { JsonSchema } from '../../contract/json-schema.ts'
import type { Access, Policy } from '../../contract/policy.ts'
import { type ProcedureKind, type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { reasonsOf } from '../sdk/procedure-errors.ts'

/**
 * The shape of the document. Fields may be added under the same number, and readers pass over those they do not know; a
 * field that changes its meaning raises it.
 */
const FORMAT = 1

/** What `/contract.json` says. */
export interface ContractDocument {
  readonly format: typeof FORMAT
  readonly version: string
  readonly procedures: readonly ContractProcedure[]
}

/** A procedure as programs read it that make their calls from data. */
export interface ContractProcedure {
  readonly path: string
  readonly kind: ProcedureKind
  readonly summary: string
  readonly description: string | null
  /** JSON Schema 2020-12 of what a caller sends; null when there is nothing to send. */
  readonly input: JsonSchema | null
  /** What a caller gets; for a subscription, one event. */
  readonly output: JsonSchema
  /** For a mutation that answers with a job: what the job answers in the end. */
  readonly job: { readonly name: string; readonly result: JsonSchema } | null
  readonly upload: boolean
  /** Ask a person first. */
  readonly destructive: boolean
  /** Calling twice is the same as calling once, even without a key. */
  readonly idempotent: boolean
  /** Whether it may travel in one request with others. */
  readonly batch: boolean
  readonly access: Access
  readonly scope: Policy['scope']
  /** The password must have been proven within this many minutes. */
  readonly freshMinutes: number | null
  readonly deprecated: Deprecation | null
  /** Why it can fail, beside the codes every procedure has. */
  readonly errors: readonly {
    readonly reason: ErrorReason
    readonly code: ErrorCode
    readonly message: string
  }[]
  /** An input that is valid; left out where there is nothing to send. */
  readonly example?: unknown
}

/** The procedures that the command line has, sorted by path. */
export function describeContract(registry: readonly RegistryEntry[], version: string): ContractDocument {
  const procedures = registry.filter(({ policy }) => policy.surfaces?.cli !== false).map(describe)
  return { format: FORMAT, version, procedures }
}

function describe(entry: RegistryEntry): ContractProcedure {
  const { path, kind, summary, description = null, policy, input, output, job } = entry
  return {
    path,
    kind,
    summary,
    description,
    input,
    output,
    job,
    upload: takesFile(entry),
    destructive: 'destructive' in policy && policy.destructive === true,
    idempotent: kind !== 'mutation' || ('idempotent' in policy && policy.idempotent === true),
    batch: kind === 'query' && policy.batch !== false,
    access: policy.access,
    scope: policy.scope,
    freshMinutes: policy.freshMinutes ?? null,
    deprecated: policy.deprecated ?? null,
    errors: reasonsOf(entry).map((reason) => ({ reason, ...errorReasons[reason] })),
    ...(input === null ? {} : { example: exampleInput(entry) }),
  }
}
