import {
  initTRPC,
  type TRPCMutationProcedure,
  type TRPCQueryProcedure,
  type TRPCSubscriptionProcedure,
} from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { z } from 'zod'
import type { JobDefinition } from '../platform/jobs/job-definition.ts'
import type { Actor } from './actor.ts'
import type { CallContext } from './call-context.ts'
import { errorData, withVersionHint } from './error-shape.ts'
import { fail } from './errors.ts'
import { EventStream, type OpenedStream } from './event-stream.ts'
import { type Execute, Handed, pipeline, signalOf } from './pipeline/execute.ts'
import { normaliseError, toTrpcError } from './pipeline/normalise-error.ts'
import { runMutation } from './pipeline/run-mutation.ts'
import { runSubscription } from './pipeline/run-subscription.ts'
import { uploadPipeline } from './pipeline/upload-pipeline.ts'
import type { MutationPolicy, Policy, QueryPolicy, SubscriptionPolicy, UploadPolicy } from './policy.ts'
import { eventShaper } from './shape-event.ts'
import type { MutationUnit, UnitOfWork } from './unit-of-work.ts'
import type { UploadedFile } from './upload.ts'

/**
 * The only place that touches tRPC's builder. A procedure is a policy, schemas and one call into a service; the
 * pipeline around it is the same for all: authenticate → authorise → limit → validate → run → shape → audit → log.
 */
const t = initTRPC
  .context<CallContext>()
  .meta<ProcedureMeta>()
  .create({
    // Nothing internal leaves, whatever NODE_ENV says.
    isDev: false,
    errorFormatter({ error, path, input }) {
      const known = normaliseError(error, input)
      return {
        code: TRPC_ERROR_CODES_BY_KEY[known.code],
        message: withVersionHint(known),
        data: errorData(known, path),
      }
    },
  })

/** Assembles procedures and routers into a router. */
export const router = t.router

/** What the registry knows of a procedure. */
export interface ProcedureMeta {
  readonly summary: string
  readonly description: string | undefined
  readonly policy: Policy
  readonly input: z.ZodType
  /** The answer, or for a subscription one event. */
  readonly output: z.ZodType
  /** The job whose handle a mutation answers with. */
  readonly job: JobDefinition | undefined
  /** Runs it in its pipeline. */
  readonly execute: Execute
}

/** Null only where the policy lets anyone in. */
type ActorOf<P extends Policy> = 'public' extends P['access']['who'] ? Actor | null : Actor

/** What a procedure's one line gets to work with. */
export interface Call<P extends Policy, Input> {
  readonly actor: ActorOf<P>
  readonly input: Input
  readonly context: CallContext
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal | undefined
}

interface Definition<P extends Policy, I extends z.ZodType, O extends z.ZodType> {
  /** One sentence, shown in editors, docs and help. */
  readonly summary: string
  /** What the sentence leaves out: units, limits, what happens around it. */
  readonly description?: string
  readonly policy: P
  readonly input: I
  readonly output: O
}

/** A query as a module writes it. */
export interface QueryDefinition<P extends QueryPolicy, I extends z.ZodType, O extends z.ZodType>
  extends Definition<P, I, O> {
  readonly run: (call: Call<P, z.output<I>>) => Promise<z.input<O>>
}

/** A mutation as a module writes it. `unit.commit` opens its one transaction. */
export interface MutationDefinition<P extends MutationPolicy, I extends z.ZodType, O extends z.ZodType>
  extends Definition<P, I, O> {
  /**
   * The job this mutation queues and answers with at once, as `jobId`: the SDK makes its answer a handle with
   * `result()` and `progress()`.
   */
  readonly job?: z.output<O> extends { readonly jobId: string } ? JobDefinition : never
  readonly run: (
    call: Call<P, z.output<I>> & { readonly unit: MutationUnit<z.input<O>> },
  ) => Promise<z.input<O>>
}

/**
 * A mutation that takes a file, in the field `file` of a multipart body. The fields of `input` come as text. By the time
 * `run` begins the file is whole and in the storage, and is gone again unless the transaction claims it.
 */
export interface UploadDefinition<P extends UploadPolicy, S extends z.ZodRawShape, O extends z.ZodType>
  extends Definition<P, UploadInput<S>, O> {
  /** The job it queues, as {@link MutationDefinition.job}. */
  readonly job?: z.output<O> extends { readonly jobId: string } ? JobDefinition : never
  /**
   * Refuses by the fields alone before the file is read, when they come first. What it lets through, `run` has to check
   * again inside its transaction.
   */
  readonly admit?: (call: Call<P, z.output<UploadInput<S>>>) => Promise<void>
  readonly run: (
    call: Call<P, z.output<UploadInput<S>>> & {
      readonly file: UploadedFile
      readonly unit: UnitOfWork<z.input<O>>
    },
  ) => Promise<z.input<O>>
}

type UploadInput<S extends z.ZodRawShape> = z.ZodObject<S, z.core.$strict>
type WithFile<S extends z.ZodRawShape> = z.input<UploadInput<S & { file: z.ZodFile }>>

/**
 * A subscription as a module writes it: a cursor that goes on after `lastEventId`. `output` is one event. `run` resolves
 * once the caller may read and the place in the stream is found; a refusal before that is an ordinary error answer.
 */
export interface SubscriptionDefinition<
  P extends SubscriptionPolicy,
  I extends z.ZodObject,
  O extends z.ZodType,
> extends Definition<P, I, O> {
  readonly run: (
    call: Call<P, z.output<I>> & { readonly lastEventId: string | undefined; readonly signal: AbortSignal },
  ) => Promise<OpenedStream<z.input<O>>>
}

interface Types<Input, Output> {
  input: Input
  output: Output
  meta: ProcedureMeta
  errorShape: ErrorShape
}

/** The body of a failed answer over tRPC. */
export type ErrorShape = (typeof t)['_config']['$types']['errorShape']

/**
 * tRPC's way to a procedure, for its own adapter, callers and types: one middleware that runs the whole pipeline. What
 * comes through `contract/invoke.ts` calls the same function without it.
 */
function entrance(meta: ProcedureMeta) {
  return t.procedure.meta(meta).use(async ({ ctx, path, signal, batchIndex = 0, getRawInput, next }) => {
    const call = { path, context: ctx, batchIndex, signal, readInput: getRawInput }
    return next({ ctx: { answer: await meta.execute(call).catch(rethrow) } })
  })
}

function rethrow(error: unknown): never {
  throw toTrpcError(error)
}

function metaOf(
  { summary, description, policy, input, output }: Definition<Policy, z.ZodType, z.ZodType>,
  execute: Execute,
  job?: JobDefinition,
): ProcedureMeta {
  return { summary, description, policy, input, output, job, execute }
}

/** Reads. */
export function query<const P extends QueryPolicy, I extends z.ZodType, O extends z.ZodType>(
  definition: QueryDefinition<P, I, O>,
): TRPCQueryProcedure<Types<z.input<I>, z.output<O>>>
export function query({ run, ...definition }: QueryDefinition<QueryPolicy, z.ZodType, z.ZodType>) {
  const execute = pipeline({ ...definition, kind: 'query', run: (admitted) => run(new Handed(admitted)) })
  return entrance(metaOf(definition, execute)).query(({ ctx }) => ctx.answer)
}

/** Changes something, in one transaction with its audit row, events and mails. */
export function mutation<const P extends MutationPolicy, I extends z.ZodType, O extends z.ZodType>(
  definition: MutationDefinition<P, I, O>,
): TRPCMutationProcedure<Types<z.input<I>, z.output<O>>>
export function mutation(
  definition: Omit<MutationDefinition<MutationPolicy, z.ZodType, z.ZodType>, 'job'> & {
    readonly job?: JobDefinition
  },
) {
  const { policy, output, run, job } = definition
  const execute = pipeline({
    kind: 'mutation',
    policy,
    input: definition.input,
    output,
    run(admitted) {
      const { call, actor, input } = admitted
      const { path, batchIndex, context } = call
      const changing = { path, batchIndex, policy, actor, input, output, context }
      const given = new Handed(admitted)
      return context.inOrder(() => runMutation(changing, (unit) => run(Object.assign(given, { unit }))))
    },
  })
  return entrance(metaOf(definition, execute, job)).mutation(({ ctx }) => ctx.answer)
}

/** Takes a file and changes something with it, in one transaction. Never part of a batch. */
export function upload<const P extends UploadPolicy, S extends z.ZodRawShape, O extends z.ZodType>(
  definition: UploadDefinition<P, S, O>,
): TRPCMutationProcedure<Types<WithFile<S>, z.output<O>>>
export function upload(
  definition: Omit<UploadDefinition<UploadPolicy, z.ZodRawShape, z.ZodType>, 'job'> & {
    readonly job?: JobDefinition
  },
) {
  const { output, job, admit, run } = definition
  const policy: UploadPolicy = { ...definition.policy, batch: false }
  const execute = uploadPipeline({ policy, input: definition.input, output, admit, run })
  const described = { ...definition, policy, input: definition.input.extend({ file: z.file() }) }
  return entrance(metaOf(described, execute, job))
    .input(checkedBefore)
    .mutation(({ ctx }) => ctx.answer)
}

/** Streams events, resumable by the id of the last one seen, ended when the caller loses the right to see them. */
export function subscription<const P extends SubscriptionPolicy, I extends z.ZodObject, O extends z.ZodType>(
  definition: SubscriptionDefinition<P, I, O>,
): TRPCSubscriptionProcedure<
  Types<z.input<I> & { lastEventId?: string | undefined }, AsyncIterable<{ id: string; data: z.output<O> }>>
>
export function subscription(definition: SubscriptionDefinition<SubscriptionPolicy, z.ZodObject, z.ZodType>) {
  const { policy, output, run } = definition
  const shape = eventShaper(output)
  const execute = pipeline({
    kind: 'subscription',
    policy,
    input: definition.input.extend({ lastEventId: lastEventId.optional() }),
    output: undefined,
    run: ({ call, actor, input }) => {
      const { lastEventId: last, ...rest } = input
      const resumeAfter = lastEventId.optional().parse(last)
      const { path, context, signal } = call
      return runSubscription({ path, actor, context, signal: signalOf(signal) }, shape, (ended) =>
        run({ actor, input: rest, lastEventId: resumeAfter, context, signal: ended }),
      )
    },
  })
  return entrance(metaOf(definition, execute))
    .input(checkedBefore)
    .subscription(({ ctx }) => streamOf(ctx.answer))
}

/** Says for tRPC's types that the input is an object; the pipeline has checked it by then. */
const checkedBefore = z.custom<Record<string, unknown>>()

/** @throws INTERNAL_SERVER_ERROR when a subscription answered with something else */
export function streamOf(answer: unknown): EventStream {
  if (answer instanceof EventStream) return answer
  throw fail('INTERNAL_SERVER_ERROR', { cause: new Error('A subscription did not answer with a stream') })
}

/** Not an SSE id a client made up: at most 64 characters of what our cursors are made of. */
const lastEventId = z.string().regex(/^[\w:.-]{1,64}$/, 'Resume with the id of an event of this stream.')
