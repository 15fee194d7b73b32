/** No place for more work, or no turn in time. */
export class WorkQueueFullError extends Error {
  override readonly name = 'WorkQueueFullError'
  /** When to try again, in milliseconds. */
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super('Too much work is waiting')
    this.retryAfterMs = retryAfterMs
  }
}

/** How {@link createWorkQueue} is bounded. */
export interface WorkQueueOptions {
  /** How many run at once. */
  readonly running: number
  /** How many may wait. */
  readonly waiting: number
  /** The longest anything waits, in milliseconds. */
  readonly waitMs: number
}

/** Runs work in the order it came, a few at a time, and refuses at once what it could not get to. */
export interface WorkQueue {
  /** @throws WorkQueueFullError; the reason of `signal` when it aborts before the work begins */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

interface Waiting {
  begin(): void
}

/** Builds a queue of its own. */
export function createWorkQueue({ running: places, waiting: bound, waitMs }: WorkQueueOptions): WorkQueue {
  const waiting = new Set<Waiting>()
  let running = 0
  let averageMs = 100

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (error: unknown) => {
        settle()
        reject(error)
      }
      const onAbort = () => leave(signal?.reason)
      const timer = setTimeout(() => leave(new WorkQueueFullError(waitMs)), waitMs)
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        waiting.delete(entry)
      }
      const entry: Waiting = {
        begin() {
          settle()
          running += 1
          resolve()
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting.add(entry)
    })

  const enter = async (signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted()
    if (running < places) {
      running += 1
      return
    }
    if (waiting.size >= bound) throw new WorkQueueFullError(Math.ceil((averageMs * bound) / places))
    await turn(signal)
  }

  const leave = (tookMs: number): void => {
    averageMs = averageMs * 0.8 + tookMs * 0.2
    running -= 1
    const [next] = waiting
    next?.begin()
  }

  return {
    async run(work, signal) {
      await enter(signal)
      const started = performance.now()
      try {
        return await work()
      } finally {
        leave(performance.now() - started)
      }
    },
  }
}
