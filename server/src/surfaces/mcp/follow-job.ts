import type { AnyTRPCRouter } from '@trpc/server'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { StreamClosed } from '../../contract/event-stream.ts'
import { openStream } from '../../contract/invoke.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { type ObjectSchema, toolSchema } from '../tools/tool-schema.ts'
import type { ToolCall } from './tool.ts'

/** The subscription that tells how a job stands. */
const PROGRESS = 'jobs.onProgress'
/** Clients give up on a call after a minute, unless they are told otherwise. */
const MOST_WAIT_MS = 45_000

/** Stays with jobs that calls answer with. */
export interface JobFollower {
  /** The schema of an answer with `job`, what the job came to while the call waited. */
  schemaWithOutcome(output: ObjectSchema): ObjectSchema
  /**
   * `answer` with what its job came to, when the client listens to progress and may: for 45 s at most. The job goes on
   * when the call is cancelled.
   */
  withOutcome(answer: object, call: ToolCall): Promise<object>
}

const Handle = z.object({ jobId: z.string() })
/** What is needed of an event; all of it goes on to the client. */
const Update = z.looseObject({
  state: z.string(),
  progress: z.object({ current: z.number(), total: z.number() }).optional(),
})
type Update = z.infer<typeof Update>

/** Builds the {@link JobFollower}; one that never waits where there are no jobs to be followed. */
export function createJobFollower(router: AnyTRPCRouter, registry: readonly RegistryEntry[]): JobFollower {
  const update = registry.find(({ path }) => path === PROGRESS)?.output
  return {
    schemaWithOutcome(output) {
      if (update === undefined) return output
      const job = { ...toolSchema(update), description: 'What the job came to, when the call waited for it.' }
      return { ...output, properties: { ...output.properties, job } }
    },

    async withOutcome(answer, call) {
      const { data } = Handle.safeParse(answer)
      if (call.progress === undefined || update === undefined || data === undefined) return answer
      const job = await follow(router, data.jobId, call)
      return job === undefined ? answer : { ...answer, job }
    },
  }
}

async function follow(router: AnyTRPCRouter, id: string, call: ToolCall): Promise<Update | undefined> {
  const enough = new AbortController()
  const timer = setTimeout(() => enough.abort(new StreamClosed('maximum age')), MOST_WAIT_MS)
  let last: Update | undefined
  try {
    const signal = AbortSignal.any([call.signal, enough.signal, call.stopping])
    const stream = await openStream({ router, path: PROGRESS, input: { id }, context: call.context, signal })
    call.waits()
    for await (const { data } of stream.events) {
      last = Update.parse(data)
      const { state, progress } = last
      call.progress?.({
        done: progress?.current ?? 0,
        total: progress?.total,
        message: `The job is ${state}.`,
      })
    }
  } catch (error) {
    // The call has had its effect: that it cannot be followed (scope, too many streams) must not look like a failure.
    if (!(error instanceof AppError)) throw error
  } finally {
    clearTimeout(timer)
  }
  return last
}
