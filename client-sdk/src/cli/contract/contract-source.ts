import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Contract } from './contract.ts'
import type { CachedDocument, ContractCache } from './contract-cache.ts'
import { type Fetched, fetchContract } from './fetch-contract.ts'
import { readContract } from './read-contract.ts'

/** How old a contract may be: calls follow the server closely, help may lag, completion must not wait at all. */
export type Freshness = 'call' | 'help' | 'completion'

const MAX_AGE_MS: Readonly<Record<Freshness, number>> = {
  call: 5 * 60_000,
  help: 24 * 60 * 60_000,
  completion: Number.POSITIVE_INFINITY,
}
const PATIENCE_MS: Readonly<Record<Freshness, number>> = { call: 10_000, help: 5_000, completion: 1_500 }

/** Where the contract of one server comes from: the disk, and the server when that is too old. */
export interface ContractSource {
  /** @throws Failure when there is none to be had */
  get(freshness: Freshness): Promise<Contract>
  /** Asks the server, unless this command has done so; undefined when nothing has changed since {@link get}. */
  renew(): Promise<Contract | undefined>
  /** Tells something about versions, unless the person was told of them since this contract came. */
  tellOnce(notice: string): Promise<void>
}

/** What a source is made of. */
export interface ContractSourceOptions {
  readonly baseUrl: string
  readonly cache: ContractCache
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** A token that need not be asked for; undefined when there is none. */
  readonly tokenAtHand: () => string | undefined
  /** A token for a server that shows its contract only to those who are logged in. */
  readonly freshToken: () => Promise<string | undefined>
  /** Told about something new in the contract that this command does not know; once for each contract. */
  readonly notice: (contract: Contract) => string | undefined
  readonly say: (message: string) => void
}

/** Opens the source of a server's contract. */
export function openContractSource(options: ContractSourceOptions): ContractSource {
  const { cache, baseUrl } = options
  let cached: CachedDocument | undefined
  let asked = false

  async function ask(freshness: Freshness): Promise<Fetched> {
    asked = true
    const request = {
      baseUrl,
      etag: cached?.etag,
      headers: options.headers,
      timeoutMs: PATIENCE_MS[freshness],
      signal: options.signal,
    }
    const answer = await fetchContract({ ...request, token: options.tokenAtHand() })
    if (answer.kind !== 'hidden' || freshness === 'completion') return answer
    const token = await options.freshToken()
    return token === undefined ? answer : fetchContract({ ...request, token })
  }

  /** Whether there is another contract than before. */
  async function update(freshness: Freshness): Promise<{ changed: boolean; answer: Fetched }> {
    const answer = await ask(freshness)
    const checkedAt = Date.now()
    if (answer.kind === 'same' && cached !== undefined) {
      cached = { ...cached, checkedAt }
      await cache.write(cached)
    } else if (answer.kind === 'fresh' && readContract(answer.document) !== undefined) {
      cached = { etag: answer.etag, checkedAt, told: false, document: answer.document }
      await cache.write(cached)
      return { changed: true, answer }
    }
    return { changed: false, answer }
  }

  async function tellOnce(notice: string): Promise<void> {
    cached ??= await cache.read()
    if (cached?.told === true) return
    options.say(notice)
    if (cached === undefined) return
    cached = { ...cached, told: true }
    await cache.write(cached)
  }

  return {
    tellOnce,
    async get(freshness) {
      cached ??= await cache.read()
      let answer: Fetched | undefined
      if (cached === undefined || Date.now() - cached.checkedAt > MAX_AGE_MS[freshness])
        answer = (await update(freshness)).answer
      const contract = readContract(cached?.document)
      if (contract === undefined) throw missing(baseUrl, answer)
      const notice = freshness === 'completion' ? undefined : options.notice(contract)
      if (notice !== undefined) await tellOnce(notice)
      return contract
    },
    async renew() {
      if (asked || !(await update('call')).changed) return undefined
      return readContract(cached?.document)
    },
  }
}

function missing(baseUrl: string, answer: Fetched | undefined): Failure {
  if (answer?.kind === 'unreachable') {
    return new Failure(
      exitCodes.unavailable,
      `${baseUrl} could not be reached (${answer.why}).`,
      'Is the server running? Name another one with --base-url or PLINTH_BASE_URL.',
    )
  }
  return new Failure(
    exitCodes.notLoggedIn,
    `${baseUrl} does not show what it can do.`,
    'Log in with: plinth login',
    'If you are logged in, this is no Plinth server, or it is older than this command.',
  )
}
