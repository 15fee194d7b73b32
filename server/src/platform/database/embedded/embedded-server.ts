import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseLogger } from '../database.ts'
import { type HostProcess, type StartingHost, startHost } from './host-process.ts'
import { type Layout, layoutOf, socketDirectory } from './layout.ts'
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

/** An embedded database on its way, for {@link startEmbedded}. */
export interface LaunchedEmbedded {
  readonly dataDirectory: string
  readonly layout: Layout
  /** The folder with the socket in it. */
  readonly directory: string
  readonly first: StartingHost
  /** Starts another host in the place of one that died. */
  readonly again: () => StartingHost
}

/**
 * Starts the process of the embedded database of `dataDirectory` and does not wait until it serves: that takes 0.3 s, in
 * which this process can load its modules.
 * @throws DataDirectoryInUseError when another process serves it
 */
export async function launchEmbedded(dataDirectory: string): Promise<LaunchedEmbedded> {
  const layout = layoutOf(dataDirectory)
  const owner = await liveOwner(layout)
  if (owner !== undefined) throw new DataDirectoryInUseError(dataDirectory, owner)

  const directory = socketDirectory(layout)
  const start = (): StartingHost =>
    startHost({
      dataDirectory,
      socketDirectory: directory,
      pid: process.pid,
      lockWaitMs: LOCK_WAIT_MS,
      idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
    })
  return { dataDirectory, layout, directory, first: start(), again: start }
}

/**
 * Serves an embedded database from a process of its own, which is started again whenever it dies. Resolves once it serves.
 * @throws DataDirectoryInUseError when another process serves it
 */
export async function startEmbedded(
  { dataDirectory, layout, directory, first: starting, again }: LaunchedEmbedded,
  logger: DatabaseLogger,
): Promise<EmbeddedServer> {
  const serving = async ({ opening, started }: StartingHost): Promise<HostProcess> => {
    void opening.then((step) =>
      logger.info(step === 'creating' ? 'Creating the embedded database' : 'Opening the embedded database'),
    )
    const result = await started
    if ('inUse' in result) throw new DataDirectoryInUseError(dataDirectory, readOwner(layout))
    return result.host
  }
  const first = await serving(starting)

  const stopping = new AbortController()
  let host: HostProcess | undefined = first
  const watching = keepRunning(
    first,
    () => serving(again()),
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
