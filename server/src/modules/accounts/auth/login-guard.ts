import { fail } from '../../../contract/errors.ts'
import type { Database } from '../../../platform/database/index.ts'
import {
  type Attempt,
  addressKey,
  createAttemptLimiter,
  createWorkQueue,
  type WorkQueue,
  WorkQueueFullError,
} from '../../../platform/limits/index.ts'
import { overloaded } from './overloaded.ts'

const QUARTER_HOUR = 900
/** Log-ins of one account that are in hand at once, so that a burst of right ones does not use up the attempts. */
const AT_ONCE = 2
const WAITING = 100
const WAIT_LIMIT_MS = 20_000

/** Whose password is being tried, and from where. */
export interface Guess {
  /** The canonical address, whether or not there is such an account. */
  readonly email: string
  readonly ip: string | undefined
}

/** Bounds how often a password can be tried, by account and by address, on every door that takes one. */
export interface LoginGuard {
  /**
   * Runs `verify` if an attempt is left and returns what it proved, or null: a wrong password and a locked account look
   * alike. The attempt is taken before and forgotten when it was right.
   * @throws TOO_MANY_REQUESTS when the address tried too many accounts; SERVICE_UNAVAILABLE (OVERLOADED)
   */
  attempt<T>(guess: Guess, verify: () => Promise<T | null>): Promise<T | null>
  /** Gives an account its attempts back, after its owner proved the mailbox. */
  forgive(email: string): Promise<void>
}

/**
 * Five attempts in a quarter of an hour for an account, and a hundred failures for an address, whatever the accounts.
 * Windows begin with the first attempt and further ones do not make them longer, so that every lock ends by itself
 * within a quarter of an hour: whoever guesses at an account must not be able to keep its owner out for a day.
 */
export function createLoginGuard(database: Pick<Database, 'kind' | 'pool'>): LoginGuard {
  const byAccount = createAttemptLimiter(database, { name: 'login', attempts: 5, seconds: QUARTER_HOUR })
  const byAddress = createAttemptLimiter(database, { name: 'login-ip', attempts: 100, seconds: QUARTER_HOUR })
  const inTurn = turnsByKey()

  const guarded = async <T>({ email, ip }: Guess, verify: () => Promise<T | null>): Promise<T | null> => {
    const address = addressKey(ip)
    requireAllowed(await byAddress.take(address))
    if (!(await byAccount.take(email)).allowed) return null
    let proven: T | null
    try {
      proven = await verify()
    } catch (error) {
      // Nothing was compared, so nothing was learned.
      await Promise.all([byAccount.giveBack(email), byAddress.giveBack(address)])
      throw error instanceof WorkQueueFullError ? overloaded(error) : error
    }
    if (proven !== null) await Promise.all([byAccount.reset(email), byAddress.giveBack(address)])
    return proven
  }

  return {
    attempt: (guess, verify) => inTurn(guess.email, () => guarded(guess, verify)),
    forgive: (email) => byAccount.reset(email),
  }
}

function requireAllowed(attempt: Attempt): void {
  if (attempt.allowed) return
  throw fail('TOO_MANY_REQUESTS', {
    message: 'Too many failed log-ins from this address; wait and try again.',
    retryAfterMs: attempt.retryAfterMs,
  })
}

/** A short queue for each key, gone when nobody is in it. */
function turnsByKey(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const queues = new Map<string, { readonly queue: WorkQueue; inside: number }>()
  return async (key, work) => {
    const turn = queues.get(key) ?? {
      queue: createWorkQueue({ running: AT_ONCE, waiting: WAITING, waitMs: WAIT_LIMIT_MS }),
      inside: 0,
    }
    queues.set(key, turn)
    turn.inside += 1
    try {
      return await turn.queue.run(work)
    } catch (error) {
      throw error instanceof WorkQueueFullError ? overloaded(error) : error
    } finally {
      turn.inside -= 1
      if (turn.inside === 0) queues.delete(key)
    }
  }
}
