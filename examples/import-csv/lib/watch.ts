import type { Client, PlinthError, Task } from '@plinth/client'
import type { OnProgress } from './output.ts'

/** Longer than a server takes to restart. */
const PATIENCE_MS = 60_000

/** One task that came to be, as the stream told it. */
export interface Arrival {
  readonly eventId: string
  readonly taskId: string
}

/** A subscription to the tasks of a project. */
export interface Watch extends Disposable {
  /** In the order in which they arrived. */
  readonly arrived: readonly Arrival[]
  /** How often the connection was lost and found again. */
  readonly reconnections: number
  /** Waits until all of `tasks` have arrived, and checks that they did once each and in that order. */
  waitFor(tasks: readonly Task[], onProgress: OnProgress): Promise<void>
}

/**
 * Watches a project from its first change on. The SDK connects again by itself after every loss, and goes on after the
 * last event it saw.
 */
export function watchTasks(client: Client, projectId: string): Watch {
  const arrived: Arrival[] = []
  let connections = 0
  let failure: PlinthError | undefined
  let changed = Promise.withResolvers<void>()
  const wake = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const unsubscribe = client.tasks.onChange.subscribe(
    { projectId },
    {
      // Before the first event: nothing is missed, whenever the connection opens.
      lastEventId: '0',
      onStarted() {
        connections += 1
      },
      onData({ id, data }) {
        if (data.type === 'task.created') arrived.push({ eventId: id, taskId: data.task.id })
        wake()
      },
      onError(error) {
        failure = error
        wake()
      },
    },
  )
  return {
    arrived,
    get reconnections() {
      return Math.max(0, connections - 1)
    },
    async waitFor(tasks, onProgress) {
      const wanted = new Set(tasks.map((task) => task.id))
      const found: string[] = []
      let read = 0
      for (;;) {
        for (const { taskId } of arrived.slice(read)) if (wanted.has(taskId)) found.push(taskId)
        read = arrived.length
        if (found.length >= tasks.length) break
        if (failure !== undefined) throw failure
        onProgress(found.length, tasks.length)
        await withinPatience(changed.promise)
      }
      if (found.length > tasks.length || tasks.some((task, index) => task.id !== found[index])) {
        throw new Error('Events came twice or out of order.')
      }
    },
    [Symbol.dispose]: () => unsubscribe(),
  }
}

async function withinPatience(change: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`No event arrived for ${PATIENCE_MS / 1_000} s.`)),
    PATIENCE_MS,
  )
  try {
    await Promise.race([change, promise])
  } finally {
    clearTimeout(timer)
  }
}
