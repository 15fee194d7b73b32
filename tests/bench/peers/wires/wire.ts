import type { Caller } from '../population.ts'
import type { CallWork } from '../works.ts'

/** A request without what all have. */
export interface WireCall {
  readonly path: string
  /** Makes it a POST. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Sent without a token. */
  readonly anonymous?: true
}

/** How a kind of server is spoken to. */
export interface Wire {
  /** How a work is asked for; undefined where there is no such thing. */
  call(work: CallWork, caller: Caller): WireCall | undefined
  create(projectId: string, title: string): WireCall
  /** A stream of a project's changes. */
  readonly changes: (projectId: string) => string
  /** An answer without its envelope. */
  dataOf(work: CallWork, body: unknown): unknown
}

/** The page that is asked for. */
export const LIMIT = 20

/** A task as it is written. */
export function newTask(title: string) {
  return { title, description: 'What there is to do. '.repeat(5), priority: 2 }
}
