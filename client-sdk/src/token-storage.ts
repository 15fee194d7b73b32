/** What a login leaves behind. */
export interface Tokens {
  readonly accessToken: string
  /** Absent in cookie mode, where the browser keeps it. */
  readonly refreshToken?: string | undefined
  /** When the access token expires, ISO 8601. */
  readonly expiresAt: string
}

/** Where tokens are kept. Every method may be asynchronous; a storage may be shared by several clients. */
export interface TokenStorage {
  get(): Tokens | null | Promise<Tokens | null>
  /** Called with null when the session is over. */
  set(tokens: Tokens | null): void | Promise<void>
  /**
   * Runs `work` while no other process does the same with this storage, where several share it: a refresh token must not
   * be used by two of them.
   */
  exclusive?<T>(work: () => Promise<T>): Promise<T>
}

/** Keeps tokens as long as the program runs. */
export function memoryTokens(initial: Tokens | null = null): TokenStorage {
  let kept = initial
  return {
    get: () => kept,
    set(tokens) {
      kept = tokens
    },
  }
}

/**
 * Keeps tokens in the browser's `localStorage` under `key`, shared by all tabs of the origin. Scripts of the page can
 * read them there; cookie mode (`cookies: true`) is the safer choice.
 */
export function localStorageTokens(key = 'plinth.tokens'): TokenStorage {
  return {
    get() {
      const text = globalThis.localStorage.getItem(key)
      return text === null ? null : parsed(text)
    },
    set(tokens) {
      if (tokens === null) globalThis.localStorage.removeItem(key)
      else globalThis.localStorage.setItem(key, JSON.stringify(tokens))
    },
  }
}

function parsed(text: string): Tokens | null {
  try {
    return tokensIn(JSON.parse(text))
  } catch {
    return null
  }
}

/** The tokens in an answer of the server, or null when it has none. */
export function tokensIn(answer: unknown): Tokens | null {
  if (typeof answer !== 'object' || answer === null) return null
  if (!('accessToken' in answer) || typeof answer.accessToken !== 'string') return null
  if (!('expiresAt' in answer) || typeof answer.expiresAt !== 'string') return null
  const { accessToken, expiresAt } = answer
  if (!('refreshToken' in answer) || typeof answer.refreshToken !== 'string')
    return { accessToken, expiresAt }
  return { accessToken, refreshToken: answer.refreshToken, expiresAt }
}
