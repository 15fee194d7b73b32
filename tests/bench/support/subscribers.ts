import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A stream to open. */
export interface Target {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** What the process that subscribes is told. */
export type Order =
  | { readonly kind: 'open'; readonly targets: readonly Target[] }
  | { readonly kind: 'await'; readonly beat: number; readonly count: number }
  | { readonly kind: 'drop' }

/** What it answers. */
export type Outcome =
  | { readonly kind: 'opened'; readonly statuses: Readonly<Record<string, number>>; readonly ms: number }
  | { readonly kind: 'arrived'; readonly times: readonly number[] }
  | { readonly kind: 'ready' }

const LIMIT_MS = 120_000

/** Many open streams in a process of their own. */
export interface Subscribers extends Disposable {
  /** Opens streams, fifty at a time; how many had which status, and how long it took. */
  open(targets: readonly Target[]): Promise<{ statuses: Readonly<Record<string, number>>; ms: number }>
  /**
   * Calls `say`, which must make an event with the text `Beat <beat>`, and waits until `count` streams had it.
   * @returns for each, the milliseconds since `say` was called
   */
  hear(beat: number, count: number, say: () => Promise<unknown>): Promise<number[]>
  /** Cuts all connections (RST). */
  drop(): Promise<void>
}

/** Starts the process. */
export function startSubscribers(): Subscribers {
  const child = fork(path.join(import.meta.dirname, 'subscribers-process.ts'))
  const next = async (): Promise<Outcome> => {
    const [outcome] = await once(child, 'message', { signal: AbortSignal.timeout(LIMIT_MS) })
    return outcome as Outcome
  }
  const order = (message: Order): Promise<Outcome> => {
    const answer = next()
    child.send(message)
    return answer
  }
  return {
    async open(targets) {
      const outcome = await order({ kind: 'open', targets })
      if (outcome.kind !== 'opened') throw new Error(`Unexpected: ${outcome.kind}`)
      return outcome
    },
    async hear(beat, count, say) {
      await order({ kind: 'await', beat, count })
      const arrived = next()
      const started = performance.timeOrigin + performance.now()
      await say()
      const outcome = await arrived
      if (outcome.kind !== 'arrived') throw new Error(`Unexpected: ${outcome.kind}`)
      return outcome.times.map((time) => time - started)
    },
    async drop() {
      await order({ kind: 'drop' })
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}
