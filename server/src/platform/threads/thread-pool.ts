import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { createWorkQueue } from '../limits/work-queue.ts'

/** Where a pool's work is and how much of it may wait. */
export interface ThreadPoolOptions {
  /** A module whose default export was made by `threadTask`. */
  readonly module: URL
  /** How many threads at most; all cores but one unless told. Threads end after a minute without work. */
  readonly threads?: number
  /** How many may wait for a thread; more are refused. */
  readonly waiting?: number
  /** The most that the JavaScript objects of one thread may take, in MiB; a thread that needs more is ended. */
  readonly maxHeapMb?: number
  /** By how much the memory of the whole process may grow during a run, in MiB: buffers are in nobody's heap. */
  readonly maxGrowthMb?: number
}

/** A run was ended because it took too much. The process is unharmed, and so are other runs. */
export class ThreadLimitError extends Error {
  override readonly name = 'ThreadLimitError'
  readonly limit: 'memory' | 'time'

  constructor(limit: 'memory' | 'time') {
    super(`A thread was ended: it took too much ${limit}`)
    this.limit = limit
  }
}

/** How one run can be stopped and followed. */
export interface ThreadRun<Report> {
  /** Ends the thread in the middle of what it does; {@link ThreadPool.run} rejects with the signal's reason. */
  readonly signal: AbortSignal
  readonly onReport?: ((report: Report) => void) | undefined
  /** Ends the thread after so long, counted from when it begins. */
  readonly timeLimitMs?: number
}

/** Does work that keeps a processor busy, in threads of its own, so that the event loop never waits for it. */
export interface ThreadPool<Input, Output, Report = never> {
  /**
   * Input, output and reports are copied as `structuredClone` does.
   * @throws WorkQueueFullError when too many wait already; the reason of the signal; ThreadLimitError; what the work
   * throws
   */
  run(input: Input, run: ThreadRun<Report>): Promise<Output>
  /** Ends the threads; what they do is lost. */
  close(): Promise<void>
}

/** What goes to a thread. */
export interface ThreadMessage<Input> {
  readonly input: Input
  readonly reports: MessagePort
}

const IDLE_MS = 60_000
const WAITING = 100
const LONGEST_WAIT_MS = 600_000

/** Builds the pool; threads start with the first work. */
export function createThreadPool<Input, Output, Report = never>(
  options: ThreadPoolOptions,
): ThreadPool<Input, Output, Report> {
  const threads = options.threads ?? Math.max(1, availableParallelism() - 1)
  const pool = new Piscina<ThreadMessage<Input>, Output>({
    filename: options.module.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_MS,
    // Two histograms of 0.35 MB each that nobody reads.
    recordTiming: false,
    ...(options.maxHeapMb === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb } }),
  })
  const queue = createWorkQueue({
    running: threads,
    waiting: options.waiting ?? WAITING,
    waitMs: LONGEST_WAIT_MS,
  })
  return {
    async run(input, run) {
      return await queue.run(() => work(input, run), run.signal)
    },
    close: () => pool.destroy(),
  }

  async function work(input: Input, { signal, onReport, timeLimitMs }: ThreadRun<Report>): Promise<Output> {
    signal.throwIfAborted()
    const { port1: heard, port2: reports } = new MessageChannel()
    heard.on('message', (report: Report) => onReport?.(report))
    const limits = watchLimits(timeLimitMs, options.maxGrowthMb)
    const either = AbortSignal.any([signal, limits.signal])
    try {
      return await pool.run({ input, reports }, { signal: either, transferList: [reports] })
    } catch (error) {
      // Piscina has an error of its own for it, which says nothing of the reason.
      signal.throwIfAborted()
      limits.signal.throwIfAborted()
      throw isOutOfMemory(error) ? new ThreadLimitError('memory') : error
    } finally {
      limits.stop()
      heard.close()
    }
  }
}

const LOOK_EVERY_MS = 50
const BYTES_PER_MB = 1_048_576

/** A signal that aborts with a {@link ThreadLimitError} once a run takes too long, or the process grows too much. */
function watchLimits(timeLimitMs: number | undefined, maxGrowthMb: number | undefined) {
  const over = new AbortController()
  const timer =
    timeLimitMs === undefined
      ? undefined
      : setTimeout(() => over.abort(new ThreadLimitError('time')), timeLimitMs)
  const most = maxGrowthMb === undefined ? undefined : process.memoryUsage.rss() + maxGrowthMb * BYTES_PER_MB
  const look =
    most === undefined
      ? undefined
      : setInterval(() => {
          if (process.memoryUsage.rss() > most) over.abort(new ThreadLimitError('memory'))
        }, LOOK_EVERY_MS)
  return {
    signal: over.signal,
    stop() {
      clearTimeout(timer)
      clearInterval(look)
    },
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
