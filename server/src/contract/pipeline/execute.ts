import { z } from 'zod'
import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { AppError, fail, failBecause } from '../errors.ts'
import type { Policy } from '../policy.ts'
import { authorise } from './authorise.ts'
import { requireBounds } from './bounds.ts'
import { limit } from './limit.ts'
import { noteDeprecated } from './note-deprecated.ts'
import { observe } from './observe.ts'
import { validationError } from './validate.ts'

/** One call of a procedure, by whichever door it comes: `contract/invoke.ts`, or tRPC's own callers and adapter. */
export interface ProcedureCall {
  readonly path: string
  readonly context: CallContext
  /** The call's place in its batch, from 0. */
  readonly batchIndex: number
  /** Aborts when the caller goes away. */
  readonly signal: CallerSignal | undefined
  /** What was sent, or a promise of it. What it throws is the call's refusal. */
  readonly readInput: () => unknown
}

/**
 * Aborts when the caller goes away; a function makes it when somebody wants it: few calls do, and making one costs more
 * than most steps. A getter in the literal of a call would do the same and cost all that was won: V8 gives each such
 * object a hidden class of its own, which lives until the next full collection and keeps the whole request. 1,500 pings
 * left 12 MB of that, and the collector paused for 25 ms in place of 0.3.
 */
export type CallerSignal = AbortSignal | (() => AbortSignal)

/** A procedure in its pipeline. @throws AppError, and nothing else */
export type Execute = (call: ProcedureCall) => Promise<unknown>

/** A call that was let in, with its input as the schema made it. */
export interface AdmittedCall<Input> {
  readonly call: ProcedureCall
  readonly actor: Actor | null
  readonly input: Input
}

/** What differs from procedure to procedure. */
export interface Pipeline<I extends z.ZodType> {
  readonly kind: string
  readonly policy: Policy
  readonly input: I
  /** Undefined for a subscription, whose events are checked one by one. */
  readonly output: z.ZodType | undefined
  readonly run: (call: AdmittedCall<z.output<I>>) => Promise<unknown>
}

/**
 * The pipeline as one function, made once per procedure: observe → admit → bounds → validate → run → shape. As tRPC's
 * middlewares the same steps took a sixth of a light call's time, half of it in copying the context at each of them.
 */
export function pipeline<I extends z.ZodType>({ kind, policy, input, output, run }: Pipeline<I>): Execute {
  const readInput = inputParser(input)
  const shape = output === undefined ? undefined : parser(output)
  return (call) => {
    const sent = sentInput(call)
    return observe({ context: call.context, path: call.path, type: kind, input: sent.read }, async () => {
      const actor = await admitCaller(policy, call.path, call.context)
      const raw = await sent.read()
      requireBounds(raw)
      const answer = await run({ call, actor, input: await readInput(raw) })
      return shape === undefined ? answer : await shape(answer)
    })
  }
}

/**
 * Who calls, if they may and not too often.
 * @throws NOT_BATCHABLE, and as {@link authorise} and {@link limit}
 */
export async function admitCaller(policy: Policy, path: string, context: CallContext): Promise<Actor | null> {
  if (policy.batch === false && context.batched) throw failBecause('NOT_BATCHABLE')
  const actor = await authorise(policy, context)
  await limit(policy, actor, context)
  noteDeprecated(policy.deprecated, path, context)
  return actor
}

/** Checks inputs by `schema`. @throws BAD_REQUEST with the fields that were refused */
export function inputParser<S extends z.ZodType>(schema: S): (sent: unknown) => Promise<z.output<S>> {
  const parse = parser(schema)
  return async (sent) => {
    try {
      return await parse(sent)
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      throw cause instanceof z.core.$ZodError ? validationError(cause, sent) : fail('BAD_REQUEST', { cause })
    }
  }
}

/** Parses by `schema`, without a promise as long as nothing in it waits. @throws ZodError */
export function parser<S extends z.ZodType>(
  schema: S,
): (value: unknown) => z.output<S> | Promise<z.output<S>> {
  let waits = false
  return (value) => {
    if (waits) return schema.parseAsync(value)
    try {
      return schema.parse(value)
    } catch (error) {
      if (!(error instanceof z.core.$ZodAsyncError)) throw error
      waits = true
      return schema.parseAsync(value)
    }
  }
}

/** What a procedure's one line gets. */
export class Handed<Input> {
  readonly actor: Actor | null
  readonly input: Input
  readonly context: CallContext
  readonly #signal: CallerSignal | undefined

  constructor({ call, actor, input }: AdmittedCall<Input>) {
    this.actor = actor
    this.input = input
    this.context = call.context
    this.#signal = call.signal
  }

  /** See {@link ProcedureCall}. */
  get signal(): AbortSignal | undefined {
    return signalOf(this.#signal)
  }
}

/** The signal itself. */
export function signalOf(signal: CallerSignal | undefined): AbortSignal | undefined {
  return typeof signal === 'function' ? signal() : signal
}

/** What was sent, read once however often it is asked for: by the call and by its line in the log. */
function sentInput(call: ProcedureCall): { readonly read: () => unknown } {
  let kept: { readonly value: unknown } | undefined
  return {
    read() {
      kept ??= { value: call.readInput() }
      return kept.value
    },
  }
}
