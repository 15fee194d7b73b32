import { callHandler } from './call-handler.ts'
import { startDeadline } from './deadline.ts'
import type { ClientOptions } from './options.ts'
import type { PlinthError } from './plinth-error.ts'
import { delayBefore, mayPass, retryPlan, sleep } from './retry.ts'
import { toPlinthError } from './to-plinth-error.ts'
import { memoryTokens, type Tokens, tokensIn } from './token-storage.ts'
import type { Transport } from './transport.ts'

/** The tokens of a client, kept fresh. */
export interface Session {
  /**
   * What to call with; undefined when nobody is logged in. Renewed in the background when it expires soon, before the
   * call when it has expired.
   */
  accessToken(): Promise<string | undefined>
  /**
   * A token other than `stale`, which the server refused; undefined when there is none to be had. Many calls at once
   * cause one refresh.
   * @throws PlinthError when the server could not be asked; the session is then still there
   */
  renew(stale: string | undefined): Promise<string | undefined>
  /** Keeps the tokens in the answer of a login, if it has any. */
  remember(answer: unknown): Promise<void>
  /** Forgets everything, after a logout. */
  forget(): Promise<void>
}

const PATH = 'auth.refresh'
/** Renewed this long before it expires, so that calls need not wait for it. */
const EARLY_MS = 30_000
/** A clock that is wrong must not cause a refresh before every call. */
const MIN_AGE_MS = 60_000
/** After an early refresh that failed, the next one waits this long. */
const QUIET_MS = 5_000
/** The server repeats the answer to a refresh for 10 s; asking later with the same token looks like theft. */
const REPEAT_WINDOW_MS = 8_000
const TRY_MS = 5_000

/** Builds the session of one client. */
export function createSession(options: ClientOptions, transport: Transport): Session {
  if (options.apiKey !== undefined) return apiKeySession(options.apiKey)
  const storage = options.tokens ?? memoryTokens()
  let renewing: Promise<string | undefined> | undefined
  /** Rises with every login and logout of this client: what began before must not overwrite what came after. */
  let generation = 0
  let receivedAt = 0
  let quietUntil = 0
  /** Until when not to ask again whether the cookie is back: somebody may log in in another tab. */
  let nobodyUntil = 0

  async function keep(tokens: Tokens): Promise<void> {
    receivedAt = Date.now()
    await storage.set(tokens)
  }

  async function exchange(stale: string | undefined): Promise<string | undefined> {
    const started = generation
    const tokens = await storage.get()
    if (tokens !== null && tokens.accessToken !== stale) return tokens.accessToken
    if (tokens?.refreshToken === undefined && options.cookies !== true) return undefined
    if (tokens === null && Date.now() < nobodyUntil) return undefined
    const input = tokens?.refreshToken === undefined ? {} : { refreshToken: tokens.refreshToken }
    try {
      const fresh = tokensIn(await requestRefresh(transport, input))
      const current = await storage.get()
      if (generation !== started || !same(current, tokens)) return current?.accessToken
      if (fresh !== null) await keep(fresh)
      return fresh?.accessToken
    } catch (thrown) {
      const error = toPlinthError(thrown, PATH)
      if (error.code !== 'UNAUTHORIZED') throw error
      return await end(tokens, started, error)
    }
  }

  /** The server does not know the refresh token any more; perhaps because another tab has used it meanwhile. */
  async function end(used: Tokens | null, started: number, error: PlinthError): Promise<string | undefined> {
    const current = await storage.get()
    if (generation !== started || !same(current, used)) return current?.accessToken
    nobodyUntil = Date.now() + QUIET_MS
    if (current === null) return undefined
    generation += 1
    await storage.set(null)
    callHandler(() => options.onSessionEnd?.(error))
    return undefined
  }

  const alone = <T>(work: () => Promise<T>): Promise<T> => storage.exclusive?.(work) ?? work()

  const renew = (stale: string | undefined): Promise<string | undefined> => {
    renewing ??= alone(() => exchange(stale)).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  return {
    renew,
    async accessToken() {
      const tokens = await storage.get()
      if (tokens === null) return undefined
      const { accessToken } = tokens
      if (Date.now() < quietUntil || !expiresSoon(tokens, receivedAt)) return accessToken
      // When this fails the token is used as it is: the server refuses it if it must, and then it is renewed again.
      const renewed = renew(accessToken).catch(() => {
        quietUntil = Date.now() + QUIET_MS
        return accessToken
      })
      return Date.parse(tokens.expiresAt) > Date.now() ? accessToken : await renewed
    },
    async remember(answer) {
      const tokens = tokensIn(answer)
      if (tokens === null) return
      generation += 1
      nobodyUntil = 0
      await keep(tokens)
    },
    async forget() {
      generation += 1
      nobodyUntil = Date.now() + QUIET_MS
      await storage.set(null)
    },
  }
}

function apiKeySession(apiKey: string): Session {
  return {
    accessToken: async () => apiKey,
    renew: async () => undefined,
    remember: async () => {},
    forget: async () => {},
  }
}

function same(one: Tokens | null, other: Tokens | null): boolean {
  return one?.accessToken === other?.accessToken
}

function expiresSoon(tokens: Tokens, receivedAt: number): boolean {
  const now = Date.now()
  return now - receivedAt > MIN_AGE_MS && Date.parse(tokens.expiresAt) - now < EARLY_MS
}

/** Asks until an answer arrives or the server would no longer repeat it. */
async function requestRefresh(transport: Transport, input: object): Promise<unknown> {
  const plan = retryPlan(undefined)
  const giveUpAt = Date.now() + REPEAT_WINDOW_MS
  for (let attempt = 1; ; attempt += 1) {
    const deadline = startDeadline(PATH, TRY_MS, undefined)
    try {
      const context = { token: undefined }
      return await deadline.race(transport.mutation(PATH, input, { signal: deadline.signal, context }))
    } catch (thrown) {
      const error = toPlinthError(thrown, PATH)
      const delay = delayBefore(attempt, plan, error)
      const lost = mayPass(error) || error.code === 'TIMEOUT'
      if (!lost || Date.now() + delay > giveUpAt) throw error
      await sleep(delay, new AbortController().signal)
    } finally {
      deadline.dispose()
    }
  }
}
