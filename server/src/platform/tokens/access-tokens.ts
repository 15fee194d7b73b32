import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Secrets } from '../secrets/index.ts'

const PURPOSE = 'access-token'
const ALGORITHM = 'HS256'
const TYPE = 'at+jwt'
const CLOCK_TOLERANCE_SECONDS = 30
const MAX_LENGTH = 4_096
const REMEMBERED = 10_000
const REQUIRED = ['sub', 'email', 'role', 'sid', 'jti', 'iat', 'nbf', 'exp', 'iss', 'aud']
const COMPACT = /^[\w-]+\.[\w-]+\.([\w-]{43})$/

/** What an access token says: who, in which session. */
export interface AccessClaims {
  readonly userId: string
  readonly email: string
  readonly role: string
  readonly sessionId: string
}

/** A signed token and its end. */
export interface IssuedToken {
  readonly token: string
  readonly expiresAt: Date
}

/** Access tokens: JSON Web Tokens (RFC 9068 profile) that live minutes and name a session. */
export interface AccessTokens {
  /** Signs a token for the configured life. */
  issue(claims: AccessClaims): Promise<IssuedToken>
  /** The claims, or null for anything this server would not have issued just so. Never fetches anything. */
  verify(token: string): Promise<AccessClaims | null>
}

/** What {@link createAccessTokens} needs. */
export interface AccessTokenOptions {
  readonly secrets: Pick<Secrets, 'keys'>
  readonly clock: Clock
  readonly lifetimeMinutes: number
  /** `iss` and `aud`: the server's own address. */
  readonly issuer: string
}

const Payload = z.object({
  sub: z.uuid(),
  email: z.string(),
  role: z.string(),
  sid: z.uuid(),
  iat: z.int(),
  nbf: z.int(),
  exp: z.int(),
})

interface Remembered {
  readonly claims: AccessClaims
  readonly notBefore: number
  readonly expires: number
}

/** Builds {@link AccessTokens}. Tokens of former secrets hold until they expire (their `kid` names the key). */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { secrets, clock, issuer } = options
  const lifetime = options.lifetimeMinutes * 60
  const keys = secrets.keys(PURPOSE)
  const current = keys[0]
  if (current === undefined) throw new Error('There is no secret to sign access tokens with')
  // The same token comes with every call of a client; its signature need not be computed each time.
  const known = new LRUCache<string, Remembered>({ max: REMEMBERED })
  const seconds = () => Math.floor(clock.now().getTime() / 1_000)

  const check = async (token: string): Promise<Remembered | null> => {
    const { payload } = await jwtVerify(token, ({ kid }) => keyNamed(kid), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer,
      audience: issuer,
      requiredClaims: REQUIRED,
      maxTokenAge: lifetime,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: clock.now(),
      crit: {},
    })
    const parsed = Payload.safeParse(payload)
    if (!parsed.success) return null
    const { sub, sid, email, role, iat, nbf, exp } = parsed.data
    if (exp - iat > lifetime || exp <= iat) return null
    return { claims: { userId: sub, sessionId: sid, email, role }, notBefore: nbf, expires: exp }
  }

  const keyNamed = (kid: string | undefined): Uint8Array => {
    const key = keys.find(({ id }) => id === kid)
    if (key === undefined) throw new errors.JWKSNoMatchingKey()
    return key.bytes
  }

  const holds = ({ notBefore, expires }: Remembered): boolean => {
    const now = seconds()
    return notBefore <= now + CLOCK_TOLERANCE_SECONDS && expires > now - CLOCK_TOLERANCE_SECONDS
  }

  return {
    async issue({ userId, email, role, sessionId }) {
      const now = seconds()
      const token = await new SignJWT({ email, role, sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: current.id })
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifetime)
        .setIssuer(issuer)
        .setAudience(issuer)
        .sign(current.bytes)
      return { token, expiresAt: new Date((now + lifetime) * 1_000) }
    },
    async verify(token) {
      const remembered = known.get(token)
      if (remembered !== undefined) return holds(remembered) ? remembered.claims : null
      if (!isCanonical(token)) return null
      const checked = await check(token).catch(refused)
      if (checked === null) return null
      known.set(token, checked)
      return checked.claims
    },
  }
}

/**
 * Exactly as it was issued: base64url decoders forgive padding, white space and set spare bits, and a second spelling
 * of a token must not pass for another one.
 */
function isCanonical(token: string): boolean {
  if (token.length > MAX_LENGTH) return false
  const signature = COMPACT.exec(token)?.[1]
  return signature !== undefined && Buffer.from(signature, 'base64url').toString('base64url') === signature
}

/** What is wrong with a token is nobody's business; anything else that went wrong is. */
function refused(error: unknown): null {
  if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError)
    return null
  throw error
}
