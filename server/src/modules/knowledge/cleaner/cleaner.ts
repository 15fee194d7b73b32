import type { Database } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { VectorStore } from '../../../platform/vectors/index.ts'
import { KNOWLEDGE_GONE_TOPIC } from '../gone-topic.ts'
import { chunkIdsOf } from '../ingest/chunk-id.ts'
import * as repository from './cleaner.repository.ts'

/** Removes what deleted, replaced and failed documents leave. The rows are the work list: it survives every crash. */
export interface Cleaner {
  /** Removes what is due now. */
  clean(): Promise<void>
  start(): void
  close(): Promise<void>
}

/** With the patience of the statements: gone within half a minute of a crash. */
const EVERY_MS = 15_000
/** After the start, which on an embedded database would have to wait for it. */
const FIRST_AFTER_MS = 1_000
/** Vectors of so many chunks are removed in one call of the store. */
const REMOVED_AT_ONCE = 1_000
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** What the cleaner is made of. */
interface CleanerDeps {
  readonly database: Pick<Database, 'pool'>
  readonly vectors: Pick<VectorStore, 'kind' | 'dropSpace' | 'removeChunks'>
  readonly bus: Pick<Bus, 'subscribe'>
  readonly logger: Logger
}

/** Builds the {@link Cleaner}. Several processes may clean at once: all it does bears repetition. */
export function createCleaner({ database, vectors, bus, logger }: CleanerDeps): Cleaner {
  const closed = new AbortController()
  const { signal } = closed
  let timers: readonly NodeJS.Timeout[] = []
  let unsubscribe: (() => void) | undefined
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const removeChunks = async ({ versionId, chunkCount, spaceIds }: repository.Removal): Promise<void> => {
    for (let start = 0; start < chunkCount; start += REMOVED_AT_ONCE) {
      const ids = chunkIdsOf(versionId, start, Math.min(start + REMOVED_AT_ONCE, chunkCount))
      for (const spaceId of spaceIds) await vectors.removeChunks(spaceId, ids, signal)
    }
  }
  const removeVectors = async (): Promise<void> => {
    for (let after = FIRST_ID; ; ) {
      const removals = await repository.dueRemovals(database, vectors.kind, after)
      for (const removal of removals) {
        await removeChunks(removal)
        await repository.forgetRemoval(database, removal.versionId)
      }
      const last = removals.at(-1)
      if (last === undefined) return
      after = last.versionId
    }
  }
  const dropSpaces = async (): Promise<void> => {
    for (const id of await repository.retiredSpaces(database, vectors.kind)) {
      await vectors.dropSpace(id, signal)
      await repository.forgetSpace(database, id)
    }
  }
  const steps: readonly (() => Promise<unknown>)[] = [
    () => repository.settleEnded(database),
    () => repository.emptyDeletedBases(database, signal),
    () => repository.retireLeftSpaces(database),
    removeVectors,
    dropSpaces,
    () => repository.forgetDeletedBases(database),
  ]

  const round = async (): Promise<void> => {
    let failure: unknown
    for (const step of steps) {
      if (signal.aborted) return
      // A vector store that is away must not keep anything else from being removed.
      await step().catch((error: unknown) => {
        failure ??= error
      })
    }
    if (failure !== undefined) throw failure
  }
  const clean = (): Promise<void> => {
    if (running === undefined) {
      running = round().finally(() => {
        running = undefined
      })
      return running
    }
    // The round under way may be past what has become due since it began.
    next ??= running
      .catch(() => undefined)
      .then(async () => {
        next = undefined
        if (!signal.aborted) await clean()
      })
    return next
  }
  const quietly = (): void => {
    clean().catch((error: unknown) => {
      if (!signal.aborted) logger.warn('cleaning up after documents failed; trying again', { error })
    })
  }

  return {
    clean,
    start() {
      unsubscribe = bus.subscribe(KNOWLEDGE_GONE_TOPIC, quietly)
      timers = [setTimeout(quietly, FIRST_AFTER_MS), setInterval(quietly, EVERY_MS)]
      for (const timer of timers) timer.unref()
    },
    async close() {
      unsubscribe?.()
      for (const timer of timers) clearTimeout(timer)
      closed.abort()
      await (next ?? running)?.catch(() => undefined)
    },
  }
}
