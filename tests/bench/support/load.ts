import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** One request; GET unless `method` says otherwise. */
export interface LoadRequest {
  readonly path: string
  readonly headers: Record<string, string>
  readonly method?: 'POST'
  readonly body?: string
}

/** What to ask, over and over. */
export interface Load {
  readonly baseUrl: string
  readonly connections: number
  readonly seconds: number
  /** Every connection goes round these, each beginning at another one; many are shared out among them. */
  readonly requests: readonly LoadRequest[]
}

/** What came back. */
export interface LoadResult {
  readonly answers: number
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
}

/** What the process that makes the load reports. */
export interface LoadOutcome extends LoadResult {
  /** Answers other than 2xx, time-outs and broken connections. */
  readonly failures: number
}

/**
 * Loads a server from a process of its own.
 * @throws Error when a single answer was not a success
 */
export async function load(work: Load): Promise<LoadResult> {
  const child = fork(path.join(import.meta.dirname, 'load-process.ts'))
  const exited = once(child, 'exit')
  child.send(work)
  const outcome = await new Promise<LoadOutcome>((resolve, reject) => {
    child.once('message', (message) => resolve(message as LoadOutcome))
    child.once('exit', (code) => reject(new Error(`The load ended with code ${code}`)))
  })
  await exited
  if (outcome.failures > 0 || outcome.answers === 0) {
    throw new Error(`${outcome.failures} of ${outcome.answers} answers were failures`)
  }
  return outcome
}
