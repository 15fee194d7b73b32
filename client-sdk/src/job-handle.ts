import { callProcedure, type Runtime } from './call.ts'
import { iterateStream } from './event-iterator.ts'
import type { CallOptions } from './options.ts'
import { PlinthError } from './plinth-error.ts'
import { openStream } from './stream.ts'
import { clientError } from './to-plinth-error.ts'

/** How far a job is. */
export interface JobProgress {
  readonly current: number
  readonly total: number
}

/** What waiting for a job can be told. */
export interface JobWaitOptions {
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal | undefined
  /** How long to wait, in milliseconds; 15 minutes unless told otherwise, `Infinity` for ever. */
  readonly timeoutMs?: number | undefined
}

/** The answer of a call whose work goes on as a job. What it says of itself as data is beside these. */
export interface JobHandle<Result> {
  /**
   * Waits for the job's result, whatever happens to connections and servers in between.
   * @throws PlinthError with code `JOB_FAILED` when it failed for good, `JOB_CANCELLED`, or `TIMEOUT` when the waiting
   * took too long; the job itself goes on then
   */
  result(options?: JobWaitOptions): Promise<Result>
  /** How far it is, as often as that changes, until it has ended. */
  progress(options?: Pick<JobWaitOptions, 'signal'>): AsyncIterable<JobProgress>
  /** Asks the server to stop it. @throws PlinthError */
  cancel(options?: CallOptions): Promise<void>
}

const DEFAULT_WAIT_MS = 15 * 60_000
/** A stream may be refused for having too many; the result is asked for as well, this often. */
const ASK_EVERY_MS = 5_000
/** Timers for longer go off at once; 25 days are as good as for ever. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
const ENDED = new Set(['succeeded', 'failed', 'cancelled', 'dead'])

interface JobState {
  readonly state: string
  readonly progress?: JobProgress | null
  readonly result?: unknown
  readonly error?: { readonly message: string } | null
}

/** Makes the answer of a call to `path` the handle of its job. Answers without a job are left as they are. */
export function withHandle(runtime: Runtime, path: string, answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  const id: unknown = Reflect.get(answer, 'jobId')
  if (typeof id !== 'string') return answer
  const handle: JobHandle<unknown> = {
    result: (options) => waitForResult(runtime, path, id, options),
    progress: (options) => progressOf(runtime, id, options),
    async cancel(options) {
      await callProcedure(runtime, { path: 'jobs.cancel', kind: 'mutation' }, { id }, options)
    },
  }
  // Not enumerable: the answer still compares, copies and serialises as what the server sent.
  for (const [name, value] of Object.entries(handle)) Object.defineProperty(answer, name, { value })
  return answer
}

async function* progressOf(
  runtime: Runtime,
  id: string,
  options: Pick<JobWaitOptions, 'signal'> = {},
): AsyncGenerator<JobProgress> {
  for await (const { data } of iterateStream(runtime, 'jobs.onProgress', { id }, options)) {
    if (!isJobState(data)) continue
    if (data.progress !== undefined && data.progress !== null) yield data.progress
    if (ENDED.has(data.state)) return
  }
}

function waitForResult(
  runtime: Runtime,
  path: string,
  id: string,
  options: JobWaitOptions = {},
): Promise<unknown> {
  const { promise, resolve, reject } = settleable<unknown>()
  const ended = new AbortController()
  const settle = (job: JobState): void => {
    if (job.state === 'succeeded') resolve(job.result)
    else if (ENDED.has(job.state)) reject(failureOf(job, path))
  }
  const ask = (): void => {
    callProcedure(
      runtime,
      { path: 'jobs.get', kind: 'query', batch: true },
      { id },
      { signal: ended.signal },
    ).then(
      (job) => {
        if (isJobState(job)) settle(job)
      },
      (error: unknown) => {
        if (error instanceof PlinthError && !error.retryable && !ended.signal.aborted) reject(error)
      },
    )
  }
  openStream(
    runtime,
    'jobs.onProgress',
    { id },
    {
      // It may have ended before the stream was open.
      onStarted: ask,
      onEvent({ data }) {
        if (isJobState(data)) settle(data)
      },
      onError: ask,
      onComplete: ask,
      ready: async () => {},
    },
    { signal: ended.signal },
  )
  const asking = setInterval(ask, ASK_EVERY_MS)
  const waitMs = options.timeoutMs ?? DEFAULT_WAIT_MS
  const deadline =
    waitMs > LONGEST_TIMER_MS
      ? undefined
      : setTimeout(
          () => reject(clientError('TIMEOUT', `The job took longer than ${waitMs} ms.`, path)),
          waitMs,
        )
  const abort = (): void => reject(clientError('ABORTED', 'The waiting was aborted.', path))
  if (options.signal?.aborted === true) abort()
  else options.signal?.addEventListener('abort', abort, { once: true })
  return promise.finally(() => {
    ended.abort()
    clearInterval(asking)
    clearTimeout(deadline)
    options.signal?.removeEventListener('abort', abort)
  })
}

function failureOf({ state, error }: JobState, path: string): PlinthError {
  if (state === 'cancelled') return clientError('JOB_CANCELLED', 'The job was cancelled.', path)
  return clientError('JOB_FAILED', error?.message ?? 'The job failed.', path)
}

function isJobState(data: unknown): data is JobState {
  return typeof data === 'object' && data !== null && 'state' in data && typeof data.state === 'string'
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function settleable<T>(): {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: PlinthError) => void
} {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: PlinthError) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
