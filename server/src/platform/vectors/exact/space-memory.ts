import type pg from 'pg'
import { VectorStoreError } from '../vector-store-error.ts'
import { readVectors, type SpaceState } from './exact-rows.ts'
import { LoadedSpace } from './loaded-space.ts'

/** Vectors read in one statement. */
const PAGE_BYTES = 4_000_000

/** What this process remembers of the spaces that were searched last. */
export interface SpaceMemory {
  /**
   * The space as it is now, read from the database as far as it is not remembered. A call that gives up keeps what it has
   * read for the next one: a large space takes longer to read than a search may wait.
   * @throws VectorStoreError when it has more vectors than may be remembered
   */
  load(state: SpaceState, signal: AbortSignal): Promise<LoadedSpace>
  forget(spaceId: string): void
}

/** Remembers the spaces used last, up to `limitBytes` in all. */
export function createSpaceMemory(pool: pg.Pool, limitBytes: number): SpaceMemory {
  /** The least recently used first. */
  const spaces = new Map<string, LoadedSpace>()
  /** One reads at a time; who comes meanwhile waits and finds it read. */
  const reading = new Map<string, Promise<void>>()

  return {
    async load(state, signal) {
      for (let before = reading.get(state.id); before !== undefined; before = reading.get(state.id)) {
        await before.catch(() => undefined)
        signal.throwIfAborted()
      }
      const known = spaces.get(state.id)
      const usable = known !== undefined && known.era === state.era ? known : undefined
      if (usable !== undefined && usable.version >= state.version) {
        keep(state.id, usable)
        return usable
      }
      const space = usable ?? new LoadedSpace(state, rowsPerPage(state))
      const read = catchUp(space, state, signal)
      reading.set(state.id, read)
      try {
        await read
        keep(state.id, space)
        return space
      } catch (error) {
        if (signal.aborted) keep(state.id, space)
        else spaces.delete(state.id)
        throw error
      } finally {
        reading.delete(state.id)
      }
    },
    forget: (spaceId) => void spaces.delete(spaceId),
  }

  async function catchUp(space: LoadedSpace, state: SpaceState, signal: AbortSignal): Promise<void> {
    const limit = rowsPerPage(state)
    for (;;) {
      signal.throwIfAborted()
      const rows = await readVectors(pool, state, space.readTo, limit)
      for (const row of rows) space.put(row)
      const last = rows.at(-1)
      if (last !== undefined) space.readTo = { version: last.version, chunkId: last.chunkId }
      if (space.bytes > limitBytes) {
        throw new VectorStoreError(
          'not_set_up',
          'This knowledge base is too large for the exact store. Set VECTOR_STORE to one with an index.',
        )
      }
      if (rows.length < limit) break
    }
    space.version = state.version
    space.readTo = { version: state.version, chunkId: LAST_ID }
  }

  function keep(spaceId: string, space: LoadedSpace): void {
    spaces.delete(spaceId)
    spaces.set(spaceId, space)
    let bytes = [...spaces.values()].reduce((sum, each) => sum + each.bytes, 0)
    for (const [id, oldest] of spaces) {
      if (bytes <= limitBytes) return
      spaces.delete(id)
      bytes -= oldest.bytes
    }
  }
}

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

function rowsPerPage({ dimension }: SpaceState): number {
  return Math.max(16, Math.floor(PAGE_BYTES / (dimension * 4)))
}
