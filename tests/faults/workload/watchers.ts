import type { Client } from '@plinth/client'
import { until } from '../../support/until.ts'

/** What one watcher was told, in the order it came. */
export interface Watched {
  readonly watcher: string
  readonly events: readonly WatchedEvent[]
  /** Why the stream ended, which it should not. */
  readonly ended?: string | undefined
}

/** One event as it arrived. */
export interface WatchedEvent {
  readonly id: string
  readonly type: string
  readonly taskId: string
  readonly version: number
  /** When it arrived, or was committed; milliseconds since 1970. */
  readonly at: number
}

/** People who look at a project all the time. */
export interface Watchers {
  /** Resolves when everybody has seen event `id`, or the time is up: what is missing then is missing. */
  upTo(id: string, withinMs: number): Promise<void>
  results(): Watched[]
  stop(): void
}

/** Starts one watcher per client, from the first event on. */
export function startWatchers(clients: readonly Client[], projectId: string): Watchers {
  const watched = clients.map((client, index) => {
    const events: WatchedEvent[] = []
    const state: { ended: string | undefined } = { ended: undefined }
    const unsubscribe = client.tasks.onChange.subscribe(
      { projectId },
      {
        lastEventId: '0',
        onData: ({ id, data }) =>
          void events.push({
            id,
            type: data.type,
            taskId: data.task.id,
            version: data.task.version,
            at: Date.now(),
          }),
        onError: (error) => {
          state.ended = `${error.code} ${error.message}`
        },
        onComplete: () => {
          state.ended = 'the server said it was complete'
        },
      },
    )
    return { watcher: `watcher ${index + 1}`, events, state, unsubscribe }
  })
  return {
    async upTo(id, withinMs) {
      const caughtUp = (): true | undefined =>
        watched.every(({ events }) => events.at(-1)?.id === id) ? true : undefined
      await until(`every watcher has seen event ${id}`, caughtUp, withinMs).catch(() => undefined)
    },
    results: () => watched.map(({ watcher, events, state }) => ({ watcher, events, ended: state.ended })),
    stop() {
      for (const { unsubscribe } of watched) unsubscribe()
    },
  }
}
