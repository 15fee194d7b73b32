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
import { fail, failBecause } from './errors.ts'
import type { OpenedStream } from './event-stream.ts'
import { authorise } from './pipeline/authorise.ts'
import { requireBounds } from './pipeline/bounds.ts'
import { limit } from './pipeline/limit.ts'
import { normaliseError } from './pipeline/normalise-error.ts'
import { noteDeprecated } from './pipeline/note-deprecated.ts'
import { observe } from './pipeline/observe.ts'
import { receiveUpload } from './pipeline/receive-upload.ts'
import { runMutation } from './pipeline/run-mutation.ts'
import { runSubscription } from './pipeline/run-subscription.ts'
import type { MutationPolicy, Policy, QueryPolicy, SubscriptionPolicy, UploadPolicy } from './policy.ts'
import { eventShaper } from './shape-event.ts'
import type { UnitOfWork } from './unit-of-work.ts'
import type { UploadedFile, UploadFields } from './upload.ts'

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
    call: Call<P, z.output<I>> & { readonly unit: UnitOfWork<z.input<O>> },
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

function guarded(definition: Definition<Policy, z.ZodType, z.ZodType>, job?: JobDefinition) {
  const { summary, description, policy, input, output } = definition
  return t.procedure
    .meta({ summary, description, policy, input, output, job })
    .use(({ ctx, path, type, next, getRawInput }) =>
      observe({ context: ctx, path, type, input: getRawInput }, async () => {
        const actor = await admitCaller(policy, path, ctx)
        requireBounds(await getRawInput())
        return next({ ctx: { actor } })
      }),
    )
}

async function admitCaller(policy: Policy, path: string, ctx: CallContext): Promise<Actor | null> {
  if (policy.batch === false && ctx.batched) throw failBecause('NOT_BATCHABLE')
  const actor = await authorise(policy, ctx)
  await limit(policy, actor, ctx)
  noteDeprecated(policy.deprecated, path, ctx)
  return actor
}

/** Reads. */
export function query<const P extends QueryPolicy, I extends z.ZodType, O extends z.ZodType>(
  definition: QueryDefinition<P, I, O>,
): TRPCQueryProcedure<Types<z.input<I>, z.output<O>>>
export function query(definition: QueryDefinition<QueryPolicy, z.ZodType, z.ZodType>) {
  return guarded(definition)
    .input(definition.input)
    .output(definition.output)
    .query(({ ctx, input, signal }) => definition.run({ actor: ctx.actor, input, context: ctx, signal }))
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
  return guarded(definition, job)
    .input(definition.input)
    .output(output)
    .mutation(({ ctx, input, path, signal, batchIndex = 0 }) =>
      ctx.inOrder(() =>
        runMutation({ path, batchIndex, policy, actor: ctx.actor, input, output, context: ctx }, (unit) =>
          run({ actor: ctx.actor, input, context: ctx, signal, unit }),
        ),
      ),
    )
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
  const { summary, description, input, output, job, admit, run } = definition
  const policy: UploadPolicy = { ...definition.policy, batch: false }
  const described = input.extend({ file: z.file() })
  return t.procedure
    .meta({ summary, description, policy, input: described, output, job })
    .use(({ ctx, path, type, next, signal }) => {
      let fields: UploadFields = {}
      return observe({ context: ctx, path, type, input: async () => fields }, async () => {
        const actor = await admitCaller(policy, path, ctx)
        const admitFields = async (before: UploadFields): Promise<void> => {
          const early = input.safeParse(before)
          // What is missing may come after the file.
          if (early.success) await admit?.({ actor, input: early.data, context: ctx, signal })
        }
        const received = await receiveUpload({
          path,
          rule: policy.upload,
          actor,
          context: ctx,
          admit: admitFields,
        })
        fields = received.fields
        let succeeded = false
        try {
          await requireStill(actor, ctx)
          const result = await next({ ctx: { actor, received } })
          succeeded = result.ok
          return result
        } finally {
          await received.release(succeeded)
        }
      })
    })
    .use(({ ctx, next }) => next({ getRawInput: async () => ctx.received.fields }))
    .input(input)
    .output(output)
    .mutation(({ ctx, input: fields, path, signal }) => {
      const { actor, received } = ctx
      const whole = { ...fields, file: received.digest }
      return runMutation(
        { path, batchIndex: 0, policy, actor, input: whole, output, context: ctx },
        async (unit) => {
          // The answer to be repeated was forgotten while its file was read again.
          if (received.file === undefined) throw fail('SERVICE_UNAVAILABLE')
          return run({ actor, input: fields, context: ctx, signal, file: received.file, unit })
        },
      )
    })
}

/** A file may be minutes on its way. @throws UNAUTHORIZED when the caller's credential ended meanwhile */
async function requireStill(actor: Actor | null, { runtime }: CallContext): Promise<void> {
  if (actor !== null && !(await runtime.authenticator.stillValid(actor))) throw fail('UNAUTHORIZED')
}

/** Streams events, resumable by the id of the last one seen, ended when the caller loses the right to see them. */
export function subscription<const P extends SubscriptionPolicy, I extends z.ZodObject, O extends z.ZodType>(
  definition: SubscriptionDefinition<P, I, O>,
): TRPCSubscriptionProcedure<
  Types<z.input<I> & { lastEventId?: string | undefined }, AsyncIterable<{ id: string; data: z.output<O> }>>
>
export function subscription(definition: SubscriptionDefinition<SubscriptionPolicy, z.ZodObject, z.ZodType>) {
  const { output, run } = definition
  const shape = eventShaper(output)
  return guarded(definition)
    .input(definition.input.extend({ lastEventId: lastEventId.optional() }))
    .subscription(({ ctx, input, path, signal }) => {
      const { lastEventId: last, ...rest } = input
      const resumeAfter = lastEventId.optional().parse(last)
      return runSubscription({ path, actor: ctx.actor, context: ctx, signal }, shape, (ended) =>
        run({ actor: ctx.actor, input: rest, lastEventId: resumeAfter, context: ctx, signal: ended }),
      )
    })
}

/** Not an SSE id a client made up: at most 64 characters of what our cursors are made of. */
const lastEventId = z.string().regex(/^[\w:.-]{1,64}$/, 'Resume with the id of an event of this stream.')
