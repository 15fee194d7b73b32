import type { AnyTRPCRouter } from '@trpc/server'
import { requireSoundDeprecations } from './deprecation.ts'
import { fieldsOfJsonSchema, fieldsOfZod, type InputFields } from './input-fields.ts'
import { isDone, type JsonSchema, jsonSchemaOf } from './json-schema.ts'
import { once } from './once.ts'
import type { Policy } from './policy.ts'
import type { ProcedureMeta } from './procedure.ts'

/** How a procedure is called. */
export type ProcedureKind = 'query' | 'mutation' | 'subscription'

/**
 * A procedure as data; every surface and the SDK are made from this, none from types. Its schemas are printed when they
 * are first read and kept: a thousand of them take seconds, and what starts a server needs none.
 */
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

/** The procedures behind the entries; an entry made by hand, as tests do, has none. */
const metas = new WeakMap<RegistryEntry, ProcedureMeta>()

/** The names of an entry's fields and which of them must be there, without printing its schema. */
export function inputFieldsOf(entry: RegistryEntry): InputFields {
  const meta = metas.get(entry)
  return (meta === undefined ? undefined : fieldsOfZod(meta.input)) ?? fieldsOfJsonSchema(entry.input)
}

/** Whether an entry's answer says only that the call is done, without printing its schema. */
export function answersDone(entry: RegistryEntry): boolean {
  const meta = metas.get(entry)
  return meta === undefined ? isDone(entry.output) : meta.output.meta()?.id === 'Done'
}

/**
 * All procedures of a router, sorted by path.
 * @throws Error at start-up for a procedure without a policy, or with a deprecation that cannot be
 */
export function registryOf(router: AnyTRPCRouter): RegistryEntry[] {
  const procedures: Record<string, { _def: { type: ProcedureKind; meta?: unknown } }> = router._def.procedures
  const registry = Object.entries(procedures)
    .map(([path, procedure]) => entry(path, procedure._def.type, procedure._def.meta))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  requireSoundDeprecations(registry)
  return registry
}

function entry(path: string, kind: ProcedureKind, meta: unknown): RegistryEntry {
  if (!isProcedureMeta(meta))
    throw new Error(`${path} was not made by contract/procedure.ts: it has no policy`)
  const { summary, description, policy, job } = meta
  const takesNothing = meta.input.def.type === 'void'
  const input = once(() => (takesNothing ? null : jsonSchemaOf(meta.input, 'input')))
  const output = once(() => jsonSchemaOf(meta.output, 'output'))
  const result = once(() => (job === undefined ? {} : jsonSchemaOf(job.result, 'output')))
  const made: RegistryEntry = {
    path,
    kind,
    summary,
    description,
    policy,
    get input() {
      return input()
    },
    get output() {
      return output()
    },
    job:
      job === undefined
        ? null
        : {
            name: job.name,
            get result() {
              return result()
            },
          },
  }
  metas.set(made, meta)
  return made
}

function isProcedureMeta(meta: unknown): meta is ProcedureMeta {
  return typeof meta === 'object' && meta !== null && 'policy' in meta && 'input' in meta && 'output' in meta
}
