import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseLogger } from '../database.ts'
import { type HostProcess, type StartResult, startHost } from './host-process.ts'
import { layoutOf, socketDirectory } from './layout.ts'
import { DataDirectoryInUseError, liveOwner, readOwner } from './owner.ts'

/** How long the host of a server that was killed may take to write everything down and let go. */
const LOCK_WAIT_MS = 10_000
const IDLE_IN_TRANSACTION_MS = 30_000
const FIRST_RESTART_DELAY_MS = 100
const LONGEST_RESTART_DELAY_MS = 5_000

/** The embedded database as this process uses it. */
export interface EmbeddedServer {
  /** The folder with the socket in it. */
  readonly directory: string
  /** The process number of the host; undefined while it restarts, or when another process owns it. */
  hostPid(): number | undefined
  /** Ends the host if it is ours, after everything is written down. */
  stop(): Promise<void>
}

/**
 * Serves the embedded database of `dataDirectory` from a process of its own, which is started again whenever it dies.
 * @throws DataDirectoryInUseError when another process serves it
 */
export async function startEmbedded(dataDirectory: string, logger: DatabaseLogger): Promise<EmbeddedServer> {
  const layout = layoutOf(dataDirectory)
  const owner = await liveOwner(layout)
  if (owner !== undefined) throw new DataDirectoryInUseError(dataDirectory, owner)

  const directory = socketDirectory(layout)
  const start = (): Promise<StartResult> =>
    startHost(
      {
        dataDirectory,
        pid: process.pid,
        socketDirectory: directory,
        lockWaitMs: LOCK_WAIT_MS,
        idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
      },
      (step) =>
        logger.info(step === 'creating' ? 'Creating the embedded database' : 'Opening the embedded database'),
    )
  const first = await start()
  if ('inUse' in first) throw new DataDirectoryInUseError(dataDirectory, readOwner(layout))

  const stopping = new AbortController()
  let host: HostProcess | undefined = first.host
  const watching = keepRunning(
    first.host,
    async () => {
      const next = await start()
      if ('inUse' in next) throw new DataDirectoryInUseError(dataDirectory, readOwner(layout))
      return next.host
    },
    (current) => {
      host = current
    },
    stopping.signal,
    logger,
  )
  return {
    directory,
    hostPid: () => host?.pid,
    async stop() {
      stopping.abort()
      await host?.stop()
      await watching
      if (!directory.startsWith(layout.root)) await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The embedded database another process is serving, if one is. */
export async function attachEmbedded(dataDirectory: string): Promise<EmbeddedServer | undefined> {
  const owner = await liveOwner(layoutOf(dataDirectory))
  if (owner === undefined) return undefined
  return { directory: owner.socketDirectory, hostPid: () => undefined, stop: () => Promise.resolve() }
}

async function keepRunning(
  first: HostProcess,
  restart: () => Promise<HostProcess>,
  running: (host: HostProcess | undefined) => void,
  signal: AbortSignal,
  logger: DatabaseLogger,
): Promise<void> {
  let current = first
  for (;;) {
    await current.ended
    running(undefined)
    if (signal.aborted) return
    logger.error('The embedded database ended unexpectedly; starting it again')
    const next = await persist(restart, signal, logger)
    if (next === undefined) return
    if (signal.aborted) return await next.stop()
    current = next
    running(current)
    logger.info('The embedded database is back')
  }
}

async function persist(
  restart: () => Promise<HostProcess>,
  signal: AbortSignal,
  logger: DatabaseLogger,
): Promise<HostProcess | undefined> {
  for (
    let wait = FIRST_RESTART_DELAY_MS;
    !signal.aborted;
    wait = Math.min(wait * 2, LONGEST_RESTART_DELAY_MS)
  ) {
    try {
      return await restart()
    } catch (error) {
      logger.error('The embedded database could not be started again', { error })
      await delay(wait, undefined, { signal }).catch(() => undefined)
    }
  }
  return undefined
}
