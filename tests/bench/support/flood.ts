import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Load } from './load.ts'

/** More than a server can do, or with no rate as much as `connections` can ask one after the other. */
export interface Flood extends Load {
  /** Requests sent each second, whether or not answers come. */
  readonly perSecond?: number
}

/** How long answers of one kind took. */
export interface Times {
  readonly count: number
  readonly medianMs: number
  readonly p99Ms: number
}

/** What came back. */
export interface FloodOutcome {
  readonly accepted: Times
  /** Answers with status 503. */
  readonly shed: Times
  /** Other answers, time-outs and broken connections. */
  readonly others: number
  readonly seconds: number
}

/** Floods a server from a process of its own; refusals are part of what is measured. */
export async function flood(work: Flood): Promise<FloodOutcome> {
  const child = fork(path.join(import.meta.dirname, 'flood-process.ts'))
  const exited = once(child, 'exit')
  child.send(work)
  const outcome = await new Promise<FloodOutcome>((resolve, reject) => {
    child.once('message', (message) => resolve(message as FloodOutcome))
    child.once('exit', (code) => reject(new Error(`The flood ended with code ${code}`)))
  })
  await exited
  return outcome
}
