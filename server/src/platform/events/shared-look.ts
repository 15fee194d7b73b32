import type { StreamSource, StreamView } from './stream-source.ts'

/** Reads a stream for `reader`, together with all who want to read from the same place at the same time. */
export type SharedLook = (after: bigint | undefined, reader: string) => Promise<StreamView>

interface Batch {
  readonly readers: Set<string>
  readonly view: Promise<StreamView>
}

/**
 * One look at a time for each place in the stream: who comes while one is under way waits for the next, which is for
 * all of them. After a restart a thousand clients resume from one place; this makes a handful of queries of theirs,
 * and one object of each event.
 */
export function createSharedLook(source: Pick<StreamSource, 'look'>): SharedLook {
  const running = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Batch>()

  const start = (
    key: string,
    after: bigint | undefined,
    readers: ReadonlySet<string>,
  ): Promise<StreamView> => {
    const view = source.look(after, [...readers]).finally(() => {
      if (running.get(key) === view) running.delete(key)
    })
    running.set(key, view)
    return view
  }

  return (after, reader) => {
    const key = String(after)
    const current = running.get(key)
    if (current === undefined) return start(key, after, new Set([reader]))
    const known = waiting.get(key)
    if (known !== undefined) {
      known.readers.add(reader)
      return known.view
    }
    const readers = new Set([reader])
    const next = (): Promise<StreamView> => {
      waiting.delete(key)
      return start(key, after, readers)
    }
    const view = current.then(next, next)
    waiting.set(key, { readers, view })
    return view
  }
}
