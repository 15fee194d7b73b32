import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { socketUrl } from './connection-string.ts'
import type { Database, DatabaseLogger } from './database.ts'
import {
  attachEmbedded,
  type EmbeddedServer,
  type LaunchedEmbedded,
  launchEmbedded,
  startEmbedded,
} from './embedded/embedded-server.ts'
import { DataDirectoryInUseError } from './embedded/owner.ts'
import { readMigrations } from './migrations/migration-files.ts'
import { appliedMigrations } from './migrations/migration-history.ts'
import { createPool } from './pool.ts'
import { createPrisma } from './prisma.ts'

export interface OpenDatabaseOptions {
  /** A PostgreSQL server; without it the embedded database of `dataDirectory` is started. */
  readonly url?: string | undefined
  readonly dataDirectory: string
  readonly poolSize: number
  readonly statementTimeoutMs: number
  /** How long a statement waits for a connection of the pool. */
  readonly poolWaitMs: number
  /** How many statements may wait for one; 200 unless told. */
  readonly poolWaiting?: number
  readonly logger?: DatabaseLogger
  /** Use an embedded database that another process is serving, as short-lived commands do, instead of refusing. */
  readonly attach?: boolean
  /** The embedded database of `dataDirectory`, where it was launched ahead. */
  readonly launched?: LaunchedEmbedded | undefined
}

const DEFAULT_POOL_WAITING = 200
const ATTACH_WAIT_MS = 20_000
const SILENT: DatabaseLogger = { info: () => undefined, warn: () => undefined, error: () => undefined }

/**
 * Opens the database. With a `url` nothing is connected until the first statement; without one the embedded database
 * is started first, and made if there is none.
 * @throws DataDirectoryInUseError when another process has the data directory open
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const logger = options.logger ?? SILENT
  if (options.url !== undefined) {
    return assemble(options, logger, {
      kind: 'postgres',
      url: options.url,
    })
  }
  const server =
    options.attach === true
      ? await attachOrStart(options.dataDirectory, logger)
      : await startEmbedded(options.launched ?? (await launchEmbedded(options.dataDirectory)), logger)
  return assemble(options, logger, { kind: 'embedded', url: socketUrl(server.directory), server })
}

/** The owner holds its lock before it answers; a command that comes in between waits for it. */
async function attachOrStart(dataDirectory: string, logger: DatabaseLogger): Promise<EmbeddedServer> {
  const deadline = Date.now() + ATTACH_WAIT_MS
  for (;;) {
    const running = await attachEmbedded(dataDirectory)
    if (running !== undefined) return running
    try {
      return await startEmbedded(await launchEmbedded(dataDirectory), logger)
    } catch (error) {
      if (!(error instanceof DataDirectoryInUseError) || Date.now() > deadline) throw error
      await delay(200)
    }
  }
}

interface Source {
  readonly kind: Database['kind']
  readonly url: string
  readonly server?: EmbeddedServer
}

function assemble(
  options: OpenDatabaseOptions,
  logger: DatabaseLogger,
  { kind, url, server }: Source,
): Database {
  const pool = createPool({
    connectionString: url,
    size: options.poolSize,
    waitMs: options.poolWaitMs,
    maxWaiting: options.poolWaiting ?? DEFAULT_POOL_WAITING,
    statementTimeoutMs: options.statementTimeoutMs,
    logger,
  })
  const prisma = createPrisma(pool, logger)
  let closing: Promise<void> | undefined
  return {
    kind,
    prisma,
    pool,
    connectionString: url,
    ping: (timeoutMs) => ping(pool, timeoutMs),
    async pendingMigrations() {
      const known = await readMigrations()
      const applied = new Set(await appliedMigrations(pool, known))
      return known.map((migration) => migration.name).filter((name) => !applied.has(name))
    },
    close() {
      closing ??= (async () => {
        await prisma.$disconnect()
        await pool.end()
        await server?.stop()
      })()
      return closing
    },
  }
}

async function ping(pool: pg.Pool, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The database did not answer within ${timeoutMs} ms.`)),
      timeoutMs,
    )
  })
  try {
    await Promise.race([pool.query('SELECT 1'), late])
  } finally {
    clearTimeout(timer)
  }
}
