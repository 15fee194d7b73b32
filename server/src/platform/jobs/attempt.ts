import type { AttemptControl, AttemptOutcome, ClaimedJob, JobProgress, PerformJob } from './claimed-job.ts'

/** Why an attempt is to end before it is done. */
export type AbortCause = 'time limit' | 'cancelled' | 'lost' | 'stopping'

/** What a handler's signal aborts with. */
class AttemptAborted extends Error {
  override readonly name = 'AttemptAborted'
  readonly why: AbortCause

  constructor(why: AbortCause) {
    super(`The attempt is over: ${why}`)
    this.why = why
  }
}

/** Why the attempt with this signal is to end; undefined while it is not. */
export function abortCause({ aborted, reason }: AbortSignal): AbortCause | undefined {
  if (!aborted) return undefined
  return reason instanceof AttemptAborted ? reason.why : 'lost'
}

/** How an attempt ended, seen by the process: {@link AttemptOutcome}, or it was interrupted and goes back unharmed. */
export type AttemptEnd = AttemptOutcome | { readonly kind: 'interrupted' }

/** An attempt under way in this process. */
export interface Attempt {
  readonly job: ClaimedJob
  /** The newest that the handler said. */
  readonly progress: () => JobProgress | undefined
  abort(why: AbortCause): void
  /** Runs the handler; settles soon after an abort, whether the handler heeds it or not. */
  run(perform: PerformJob): Promise<AttemptEnd>
}

/** A handler that was told to stop has so long to do it; then it is left to itself, and whatever it commits is refused. */
const ABORT_GRACE_MS = 1_000

/** Prepares an attempt at `job`. */
export function createAttempt(
  job: ClaimedJob,
  parts: Pick<AttemptControl, 'complete'> & { readonly onProgress: () => void },
): Attempt {
  const controller = new AbortController()
  const { signal } = controller
  let newest: JobProgress | undefined
  const abort = (why: AbortCause): void => controller.abort(new AttemptAborted(why))

  return {
    job,
    progress: () => newest,
    abort,
    async run(perform) {
      const { timeLimitSeconds } = job.definition
      const limit = setTimeout(() => abort('time limit'), timeLimitSeconds * 1_000)
      const control: AttemptControl = {
        signal,
        complete: parts.complete,
        progress(current, total) {
          signal.throwIfAborted()
          requireCounts(current, total)
          newest = { current, total }
          parts.onProgress()
        },
      }
      const patience = Promise.withResolvers<undefined>()
      let timer: NodeJS.Timeout | undefined
      signal.addEventListener('abort', () => {
        timer = setTimeout(() => patience.resolve(undefined), ABORT_GRACE_MS)
      })
      try {
        const outcome = await Promise.race([perform(job, control), patience.promise])
        // What a handler throws because it was told to stop says nothing that the reason does not.
        const finished = outcome?.kind === 'done' || outcome?.kind === 'committed'
        if (outcome !== undefined && (finished || !signal.aborted)) return outcome
        return endOf(signal.reason, timeLimitSeconds)
      } finally {
        clearTimeout(limit)
        clearTimeout(timer)
      }
    },
  }
}

const MOST_COUNTED = 2 ** 31 - 1

/** The database takes no others, and would refuse them together with the progress of other jobs. */
function requireCounts(...counts: readonly number[]): void {
  if (counts.every((count) => Number.isInteger(count) && count >= 0 && count <= MOST_COUNTED)) return
  throw new RangeError(`Progress is counted in whole numbers from 0 to ${MOST_COUNTED}, not ${counts}`)
}

function endOf(reason: unknown, timeLimitSeconds: number): AttemptEnd {
  const why = reason instanceof AttemptAborted ? reason.why : 'lost'
  if (why === 'stopping') return { kind: 'interrupted' }
  if (why !== 'time limit') return { kind: 'lost' }
  return { kind: 'broke', error: `It took longer than ${timeLimitSeconds} seconds.`, cause: reason }
}
