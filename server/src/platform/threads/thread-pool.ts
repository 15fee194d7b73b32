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
}

/** How one run can be stopped and followed. */
export interface ThreadRun<Report> {
  /** Ends the thread in the middle of what it does; {@link ThreadPool.run} rejects with the signal's reason. */
  readonly signal: AbortSignal
  readonly onReport?: ((report: Report) => void) | undefined
}

/** Does work that keeps a processor busy, in threads of its own, so that the event loop never waits for it. */
export interface ThreadPool<Input, Output, Report = never> {
  /**
   * Input, output and reports are copied as `structuredClone` does.
   * @throws WorkQueueFullError when too many wait already; the reason of the signal; what the work throws
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
  })
  const queue = createWorkQueue({
    running: threads,
    waiting: options.waiting ?? WAITING,
    waitMs: LONGEST_WAIT_MS,
  })
  return {
    async run(input, { signal, onReport }) {
      return await queue.run(() => work(input, { signal, onReport }), signal)
    },
    close: () => pool.destroy(),
  }

  async function work(input: Input, { signal, onReport }: ThreadRun<Report>): Promise<Output> {
    signal.throwIfAborted()
    const { port1: heard, port2: reports } = new MessageChannel()
    heard.on('message', (report: Report) => onReport?.(report))
    try {
      return await pool.run({ input, reports }, { signal, transferList: [reports] })
    } catch (error) {
      // Piscina has an error of its own for it, which says nothing of the reason.
      signal.throwIfAborted()
      throw error
    } finally {
      heard.close()
    }
  }
}
