import type { CookieJar } from '../../../contract/call-context.ts'
import type { Change } from '../../../contract/unit-of-work.ts'
import type { AccessTokens, MacTokens } from '../../../platform/tokens/index.ts'
import type { UserRow } from '../users/users.repository.ts'

const DAY_SECONDS = 86_400

/** A session, as far as its tokens need it. */
export interface SessionRef {
  readonly id: string
  readonly generation: number
}

/** Tokens as answers carry them. */
export interface TokenAnswer {
  readonly accessToken: string
  /** Null in cookie mode: the cookie has it. */
  readonly refreshToken: string | null
  /** When the access token ends, ISO 8601. */
  readonly expiresAt: string
}

/** Makes the tokens of sessions. */
export interface SessionTokens {
  /** Both tokens; with a jar the refresh token goes there after the commit, and not into the answer. */
  grant(
    change: Pick<Change, 'refreshCookie'>,
    user: Pick<UserRow, 'id' | 'email' | 'role'>,
    session: SessionRef,
    cookies: CookieJar | undefined,
  ): Promise<TokenAnswer>
  /** The session a refresh token names, or null when it was not made here. */
  read(refreshToken: string): SessionRef | null
}

/** Builds {@link SessionTokens}. */
export function createSessionTokens(deps: {
  readonly accessTokens: AccessTokens
  readonly refreshTokens: MacTokens
  /** How long a refresh token lasts without use. */
  readonly refreshTokenDays: number
}): SessionTokens {
  const { accessTokens, refreshTokens, refreshTokenDays } = deps
  return {
    async grant(change, user, session, cookies) {
      const access = await accessTokens.issue({
        userId: user.id,
        email: user.email,
        role: user.role,
        sessionId: session.id,
      })
      const refreshToken = refreshTokens.issue({ id: session.id, number: session.generation })
      const maxAgeSeconds = refreshTokenDays * DAY_SECONDS
      if (cookies !== undefined) change.refreshCookie({ token: refreshToken, maxAgeSeconds })
      return {
        accessToken: access.token,
        refreshToken: cookies === undefined ? refreshToken : null,
        expiresAt: access.expiresAt.toISOString(),
      }
    },
    read(refreshToken) {
      const content = refreshTokens.read(refreshToken)
      return content === null ? null : { id: content.id, generation: content.number }
    },
  }
}

/** The jar, if the caller asked for cookie mode: a cookie left over from another client must not decide for this one. */
export function requestedJar(cookies: CookieJar | undefined): CookieJar | undefined {
  return cookies?.requested === true ? cookies : undefined
}
