import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DatabaseError } from '../database-error.ts'
import { hostMessageSchema, type OpeningStep } from './host-messages.ts'
import { type HostOptions, hostArguments, STOP } from './host-options.ts'

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url))
/** Making a new database takes a few seconds; a busy machine may need many times that. */
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 15_000

/** A running host. */
export interface HostProcess {
  readonly pid: number
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  /** Lets it write everything down and end; kills it if it does not, which loses nothing that was committed. */
  stop(): Promise<void>
}

/** The outcome of a start: a host, or the news that another process has the directory open. */
export type StartResult = { readonly host: HostProcess } | { readonly inUse: true }

/** A host that was started and may not serve yet. */
export interface StartingHost {
  /** What it does first; never settles when it gets to nothing. */
  readonly opening: Promise<OpeningStep>
  /**
   * Resolves once it serves. May be looked at late: a failure is nobody's until then.
   * @throws DatabaseError with the host's own words when it cannot
   */
  readonly started: Promise<StartResult>
}

/** Starts a host; returns as soon as there is a process. */
export function startHost(options: HostOptions): StartingHost {
  // Nothing of this process's own flags (a test runner's loaders, an inspector port) belongs in the host.
  const child = fork(HOST, hostArguments(options), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const opening = Promise.withResolvers<OpeningStep>()
  const started = new Promise<StartResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new DatabaseError(`The embedded database did not start within ${START_TIMEOUT_MS / 1_000} s.`))
    }, START_TIMEOUT_MS)
    const settle = (work: () => void): void => {
      clearTimeout(timer)
      work()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('exit', (code, signal) =>
      settle(() =>
        reject(
          new DatabaseError(`The embedded database ended while starting (${signal ?? `code ${code}`}).`),
        ),
      ),
    )
    child.on('message', (raw) => {
      const message = hostMessageSchema.safeParse(raw).data
      // Under `node --watch` the host's Node also reports the files it reads, to whoever forked it.
      if (message === undefined) return
      if (message.type === 'progress') opening.resolve(message.step)
      else if (message.type === 'in-use') settle(() => resolve({ inUse: true }))
      else if (message.type === 'failed')
        settle(() => reject(new DatabaseError(`The embedded database did not start: ${message.reason}`)))
      else settle(() => resolve({ host: { pid: child.pid ?? 0, ended, stop: () => stop(child, ended) } }))
    })
  })
  started.catch(() => undefined)
  return { opening: opening.promise, started }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.send(STOP, () => undefined)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
