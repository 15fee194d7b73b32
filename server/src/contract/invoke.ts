import type { AnyTRPCRouter } from '@trpc/server'
import type { CallContext } from './call-context.ts'
import { fail } from './errors.ts'
import type { EventStream } from './event-stream.ts'
import type { CallerSignal, Execute } from './pipeline/execute.ts'
import { type ProcedureMeta, streamOf } from './procedure.ts'
import type { ProcedureKind } from './registry.ts'

/** One call of a procedure, whatever the surface. */
export interface Invocation {
  readonly router: AnyTRPCRouter
  readonly path: string
  /** The kind the surface can answer; a procedure of another kind is not there. */
  readonly kind: ProcedureKind
  readonly input?: unknown
  /**
   * Instead of `input`: reads it once the caller is let in. What it throws is the call's refusal, so that a stranger is
   * told nothing but that.
   */
  readonly readInput?: () => unknown
  readonly context: CallContext
  /** Aborts when the caller goes away. */
  readonly signal: CallerSignal
  /** The call's place in its batch, from 0. */
  readonly batchIndex?: number
}

/**
 * Runs a procedure in its pipeline: access, limits, idempotency, validation, audit and log are the same for every
 * surface, because all come through here.
 * @throws AppError, and nothing else
 */
export async function invoke(call: Invocation): Promise<unknown> {
  const execute = executorOf(call)
  if (execute === undefined) throw fail('NOT_FOUND')
  return await execute({
    path: call.path,
    context: call.context,
    batchIndex: call.batchIndex ?? 0,
    signal: call.signal,
    readInput: call.readInput ?? (() => call.input),
  })
}

/** Straight to the procedure: tRPC's way in copies the call once per middleware. */
function executorOf({ router, path, kind }: Invocation): Execute | undefined {
  const procedures: Record<string, { _def: { type: ProcedureKind; meta?: unknown } }> = router._def.procedures
  const procedure = Object.hasOwn(procedures, path) ? procedures[path]?._def : undefined
  return procedure?.type === kind && isExecutable(procedure.meta) ? procedure.meta.execute : undefined
}

function isExecutable(meta: unknown): meta is Pick<ProcedureMeta, 'execute'> {
  return typeof meta === 'object' && meta !== null && 'execute' in meta
}

/**
 * Opens a subscription. Its events are not yet asked for.
 * @throws AppError when the caller may not read it or the input is wrong
 */
export async function openStream(call: Omit<Invocation, 'kind'>): Promise<EventStream> {
  return streamOf(await invoke({ ...call, kind: 'subscription' }))
}
