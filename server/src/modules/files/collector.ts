import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import type { Logger } from '../../platform/logger.ts'
import { type Storage, StorageError } from '../../platform/storage/index.ts'
import { FILES_PREFIX, fileKey, idOfKey } from './file-key.ts'
import { forgetFile } from './upload-room.ts'

/** Announced when files were marked as going. */
export const FILES_GONE_TOPIC = 'files.gone'

/** Removes bytes that no row wants any more. The rows are the work list: it survives every crash. */
export interface Collector {
  /** Removes what is due now; returns how many files. */
  collect(): Promise<number>
  /** Removes bytes older than an hour that have no row at all, which takes two failures at once; returns how many. */
  reconcile(): Promise<number>
  start(): void
  close(): Promise<void>
}

/** With the lease of 30 s: gone within a minute of the crash. */
const EVERY_MS = 15_000
/** After the start, which on an embedded database would have to wait for it. */
const FIRST_AFTER_MS = 1_000
const RECONCILE_EVERY_MS = 3_600_000
const BATCH = 100
const LOOK_UP = 500
const YOUNG_MS = 3_600_000

/** What the collector is made of. */
interface CollectorDeps {
  readonly database: Pick<Database, 'pool'>
  readonly storage: Storage
  readonly bus: Pick<Bus, 'subscribe'>
  readonly logger: Logger
}

/** Builds the {@link Collector}. Several processes may collect at once. */
export function createCollector({ database, storage, bus, logger }: CollectorDeps): Collector {
  const timers: NodeJS.Timeout[] = []
  let unsubscribe: (() => void) | undefined
  let running: Promise<number> | undefined
  let again = false
  let closed = false

  const removeOne = async (id: string): Promise<boolean> => {
    try {
      await storage.delete(fileKey(id))
      await forgetFile(database, id)
      return true
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      logger.warn('bytes of a deleted file could not be removed; trying again', { id, error })
      await database.pool.query(
        `UPDATE files SET due_at = now() + interval '1 minute' WHERE id = $1::uuid AND state = 'deleting'`,
        [id],
      )
      return false
    }
  }

  const round = async (): Promise<number> => {
    await database.pool.query(
      `UPDATE files SET state = 'deleting' WHERE id IN (
         SELECT id FROM files WHERE state = 'uploading' AND due_at < now()
         ORDER BY owner_id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    )
    let gone = 0
    for (;;) {
      const { rows } = await database.pool.query<{ id: string }>(
        `SELECT id FROM files WHERE state = 'deleting' AND due_at <= now() ORDER BY due_at LIMIT ${BATCH}`,
      )
      for (const { id } of rows) {
        if (closed) return gone
        if (await removeOne(id)) gone += 1
      }
      if (rows.length < BATCH) return gone
    }
  }

  const collect = (): Promise<number> => {
    again = running !== undefined
    running ??= round().finally(() => {
      running = undefined
      if (again && !closed) quietly(collect)
    })
    return running
  }

  const removeOrphans = async (ids: readonly string[]): Promise<number> => {
    const { rows } = await database.pool.query<{ id: string }>(
      'SELECT id FROM files WHERE id = ANY($1::uuid[])',
      [ids],
    )
    const known = new Set(rows.map(({ id }) => id))
    const orphans = ids.filter((id) => !known.has(id))
    for (const id of orphans) await storage.delete(fileKey(id))
    return orphans.length
  }

  const reconcile = async (): Promise<number> => {
    let gone = 0
    let ids: string[] = []
    for await (const { key, modifiedAt } of storage.list(FILES_PREFIX)) {
      if (closed) return gone
      const id = idOfKey(key)
      if (id !== undefined && modifiedAt.getTime() < Date.now() - YOUNG_MS) ids.push(id)
      if (ids.length < LOOK_UP) continue
      gone += await removeOrphans(ids)
      ids = []
    }
    gone += await removeOrphans(ids)
    if (gone > 0) logger.warn('bytes without a row removed', { files: gone })
    return gone
  }

  const quietly = (work: () => Promise<unknown>): void => {
    work().catch((error: unknown) => logger.warn('collecting deleted files failed; trying again', { error }))
  }
  const every = (ms: number, work: () => Promise<unknown>): void => {
    const timer = setInterval(() => quietly(work), ms)
    timer.unref()
    timers.push(timer)
  }

  return {
    collect,
    reconcile,
    start() {
      unsubscribe = bus.subscribe(FILES_GONE_TOPIC, () => quietly(collect))
      every(EVERY_MS, collect)
      every(RECONCILE_EVERY_MS, reconcile)
      timers.push(setTimeout(() => quietly(collect), FIRST_AFTER_MS).unref())
    },
    async close() {
      closed = true
      unsubscribe?.()
      for (const timer of timers) clearTimeout(timer)
      await running?.catch(() => undefined)
    },
  }
}
