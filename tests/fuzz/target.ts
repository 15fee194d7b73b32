import type { RegistryEntry } from '../../server/src/contract/registry.ts'
import type { Database } from '../../server/src/platform/database/index.ts'
import type { Random } from '../faults/random.ts'
import type { Caller, ClassName, Surface, Trial } from './model.ts'
import type { ErrorLine } from './support/error-lines.ts'

/** A call that is right in every way. */
export interface Fixture {
  readonly input: unknown
  readonly token: string | undefined
}

/** What is fuzzed: a server in this process, and how to call it rightly. */
export interface Target {
  readonly baseUrl: string
  readonly database: Database
  readonly registry: readonly RegistryEntry[]
  /** A valid call by the weakest who is let in. */
  fixture(entry: RegistryEntry): Promise<Fixture>
  /** Somebody with an account whom the procedure may or may not be for. */
  otherToken(entry: RegistryEntry): string
  /** Any account's token, for requests that are about no procedure. */
  readonly token: string
  /** What the server wrote to its log as errors. */
  readonly errorLines: ErrorLine[]
}

/** What a generator gets to work with. */
export interface Draw {
  readonly target: Target
  readonly surface: Surface
  readonly entries: readonly RegistryEntry[]
  /** How many to make, roughly. */
  readonly quota: number
  readonly seed: number
  readonly random: Random
  /** A valid call; `fresh` ones are used up by being accepted, so there are several of them. */
  fixture(entry: RegistryEntry, fresh: boolean): Promise<Fixture>
  /** Somebody to call as, mostly the one who is let in, with a token. */
  caller(entry: RegistryEntry, fixture: Fixture): { caller: Caller; token: string | undefined }
}

/** Makes the trials of one class on one surface. */
export type Generator = (draw: Draw, name: ClassName) => Promise<Trial[]>

const FRESH_FIXTURES = 4
/** Of a hundred calls, so many come from nobody and from somebody else. */
const ANONYMOUS = 0.08
const OTHER = 0.16

/** Valid calls that were made already: those that are only ever refused, and those that may be accepted and used up. */
export interface Pools {
  readonly calm: Map<string, Promise<Fixture>>
  readonly fresh: Map<string, Promise<Fixture>>
}

/** A draw for one class on one surface. */
export function drawFor(
  target: Target,
  given: Pick<Draw, 'surface' | 'entries' | 'quota' | 'seed' | 'random'>,
  pools: Pools,
): Draw {
  const { calm, fresh } = pools
  let turn = 0
  const once = (pool: Map<string, Promise<Fixture>>, key: string, entry: RegistryEntry) => {
    const known = pool.get(key) ?? target.fixture(entry)
    pool.set(key, known)
    return known
  }
  return {
    ...given,
    target,
    fixture(entry, isFresh) {
      if (!isFresh || entry.kind !== 'mutation') return once(calm, entry.path, entry)
      turn += 1
      return once(fresh, `${entry.path} ${turn % FRESH_FIXTURES}`, entry)
    },
    caller(entry, { token }) {
      const dice = given.random.next()
      if (entry.policy.access.who === 'public' || dice >= OTHER) return { caller: 'allowed', token }
      if (dice < ANONYMOUS) return { caller: 'anonymous', token: undefined }
      return { caller: 'other', token: target.otherToken(entry) }
    },
  }
}

/** `quota` of the items, spread over all of them, in their order. */
export function pickSome<T>(items: readonly T[], quota: number, random: Random): T[] {
  if (quota >= items.length) return [...items]
  const step = items.length / Math.max(quota, 1)
  const start = random.next() * step
  return Array.from({ length: quota }, (_, index) => items[Math.floor(start + index * step)]).flatMap(
    (item) => (item === undefined ? [] : [item]),
  )
}
