import { createHmac, randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { createWorkQueue } from '../limits/work-queue.ts'
import type { Secrets } from '../secrets/index.ts'
import type { HashTask } from './hash-worker.ts'

const PURPOSE = 'password-pepper'
/** A thread that has not answered by then is stuck; it is replaced. Cost 16 takes about 5 s. */
const TASK_LIMIT_MS = 30_000
const WAIT_LIMIT_MS = 30_000
const STORED = /^(\$2[aby]\$(\d\d)\$[./\w]{53})(?::([\w-]+))?$/

/** What {@link createPasswordHasher} needs. */
export interface PasswordHasherOptions {
  readonly secrets: Pick<Secrets, 'keys'>
  /** bcrypt cost: each step doubles the work. */
  readonly cost: number
  /** How many may wait for a thread. */
  readonly queueSize: number
}

/** Whether a password was right, and whether its hash is weaker than those made now. */
export interface Verdict {
  readonly matches: boolean
  readonly outdated: boolean
}

/** Hashes passwords in threads of their own, so that the event loop never waits for one. */
export interface PasswordHasher {
  /**
   * What to store: `$2b$<cost>$…:<id of the pepper>`.
   * @throws WorkQueueFullError when too many wait
   */
  hash(password: string, signal?: AbortSignal): Promise<string>
  /**
   * Compares with what {@link hash} made. With `null` (no such account) it does the same work and answers no, so that
   * nobody can tell by the time it takes. For the same reason a wrong password for a hash of a lower cost, from before
   * the cost was raised, takes as long as one for a hash of today.
   * @throws WorkQueueFullError when too many wait
   */
  verify(password: string, stored: string | null, signal?: AbortSignal): Promise<Verdict>
  /** Ends the threads. */
  close(): Promise<void>
}

/**
 * bcrypt over base64(HMAC-SHA-384(pepper, NFC(password))): 64 characters, so bcrypt's limit of 72 bytes cuts nothing
 * and its stop at NUL never applies, and a copy of the database alone is no use for guessing.
 * The stored text names its pepper, so each comparison is one bcrypt run whichever secret made it.
 */
export function createPasswordHasher({ secrets, cost, queueSize }: PasswordHasherOptions): PasswordHasher {
  const threads = hashingThreads()
  const pool = new Piscina<HashTask, string>({
    filename: new URL('./hash-worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    // Two histograms of 0.35 MB each that nobody reads.
    recordTiming: false,
  })
  const queue = createWorkQueue({ running: threads, waiting: queueSize, waitMs: WAIT_LIMIT_MS })
  const peppers = secrets.keys(PURPOSE)
  const current = peppers[0]
  if (current === undefined) throw new Error('There is no secret to make a pepper from')

  const run = (task: HashTask, signal: AbortSignal | undefined) =>
    queue.run(() => pool.run(task, { signal: AbortSignal.timeout(TASK_LIMIT_MS) }), signal)

  const absent = (password: string, signal: AbortSignal | undefined) =>
    run({ kind: 'hash', digest: digest(randomBytes(32), password), cost }, signal)

  return {
    async hash(password, signal) {
      const hash = await run({ kind: 'hash', digest: digest(current.bytes, password), cost }, signal)
      return `${hash}:${current.id}`
    },
    async verify(password, stored, signal) {
      const parts = stored === null ? null : STORED.exec(stored)
      const [, hash, storedCost, pepperId] = parts ?? []
      const pepper = peppers.find((key) => key.id === pepperId)
      if (hash === undefined || pepper === undefined) {
        await absent(password, signal)
        return { matches: false, outdated: false }
      }
      const answer = await run(
        { kind: 'compare', digest: digest(pepper.bytes, password), hash, cost },
        signal,
      )
      return { matches: answer === 'yes', outdated: pepper.id !== current.id || Number(storedCost) < cost }
    },
    async close() {
      await pool.destroy()
    },
  }
}

function digest(pepper: Uint8Array, password: string): string {
  return createHmac('sha384', pepper).update(password.normalize('NFC')).digest('base64')
}

/**
 * On Linux the workers run at a lower priority than the event loop, so they may have every core: measured on two, 50
 * log-ins took 10.2 s instead of 18.1 s and other calls were not slower. Elsewhere one core stays free.
 */
function hashingThreads(): number {
  const cores = availableParallelism()
  return process.platform === 'linux' ? cores : Math.max(1, cores - 1)
}
