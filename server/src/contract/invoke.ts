import { type AnyTRPCRouter, callTRPCProcedure } from '@trpc/server'
import type { CallContext } from './call-context.ts'
import { fail } from './errors.ts'
import { EventStream } from './event-stream.ts'
import { normaliseError } from './pipeline/normalise-error.ts'
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
  readonly signal: AbortSignal
  /** The call's place in its batch, from 0. */
  readonly batchIndex?: number
}

/**
 * Runs a procedure in its pipeline: access, limits, idempotency, validation, audit and log are the same for every
 * surface, because all come through here.
 * @throws AppError, and nothing else
 */
export async function invoke(call: Invocation): Promise<unknown> {
  const { router, path, kind, context, signal, batchIndex = 0 } = call
  let { input, readInput } = call
  try {
    return await callTRPCProcedure({
      router,
      path,
      type: kind,
      ctx: context,
      signal,
      batchIndex,
      async getRawInput() {
        if (readInput === undefined) return input
        input = readInput()
        readInput = undefined
        return input
      },
    })
  } catch (thrown) {
    throw normaliseError(thrown, input)
  }
}

/**
 * Opens a subscription. Its events are not yet asked for.
 * @throws AppError when the caller may not read it or the input is wrong
 */
export async function openStream(call: Omit<Invocation, 'kind'>): Promise<EventStream> {
  const opened = await invoke({ ...call, kind: 'subscription' })
  if (opened instanceof EventStream) return opened
  throw fail('INTERNAL_SERVER_ERROR', { cause: new Error(`${call.path} did not answer with a stream`) })
}
