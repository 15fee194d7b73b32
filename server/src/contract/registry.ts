import type { AnyTRPCRouter } from '@trpc/server'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'
import type { Policy } from './policy.ts'
import type { ProcedureMeta } from './procedure.ts'

/** How a procedure is called. */
export type ProcedureKind = 'query' | 'mutation' | 'subscription'

/** A procedure as data; every surface and the SDK are made from this, none from types. */
export interface RegistryEntry {
  /** `tasks.list`, `projects.members.add`. */
  readonly path: string
  readonly kind: ProcedureKind
  readonly summary: string
  readonly description: string | undefined
  readonly policy: Policy
  /** What a caller sends; null for procedures without input. Does not contain a subscription's `lastEventId`. */
  readonly input: JsonSchema | null
  /** What a caller gets; for a subscription, one event. */
  readonly output: JsonSchema
  /** For a mutation that answers with a job: what the job answers in the end. */
  readonly job: { readonly name: string; readonly result: JsonSchema } | null
}

/** Whether a procedure takes a file beside its fields. */
export function takesFile({ policy }: Pick<RegistryEntry, 'policy'>): boolean {
  return 'upload' in policy && policy.upload !== undefined
}

/** All procedures of a router, sorted by path. */
export function registryOf(router: AnyTRPCRouter): RegistryEntry[] {
  const procedures: Record<string, { _def: { type: ProcedureKind; meta?: unknown } }> = router._def.procedures
  return Object.entries(procedures)
    .map(([path, procedure]) => entry(path, procedure._def.type, procedure._def.meta))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function entry(path: string, kind: ProcedureKind, meta: unknown): RegistryEntry {
  if (!isProcedureMeta(meta))
    throw new Error(`${path} was not made by contract/procedure.ts: it has no policy`)
  return {
    path,
    kind,
    summary: meta.summary,
    description: meta.description,
    policy: meta.policy,
    input: meta.input.def.type === 'void' ? null : jsonSchemaOf(meta.input, 'input'),
    output: jsonSchemaOf(meta.output, 'output'),
    job:
      meta.job === undefined
        ? null
        : { name: meta.job.name, result: jsonSchemaOf(meta.job.result, 'output') },
  }
}

function isProcedureMeta(meta: unknown): meta is ProcedureMeta {
  return typeof meta === 'object' && meta !== null && 'policy' in meta && 'input' in meta && 'output' in meta
}
