import { randomUUID } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createSecrets } from '../secrets/index.ts'
import { createAccessTokens } from './access-tokens.ts'

const secrets = createSecrets('a-secret-of-enough-characters-to-sign-with')
const issuer = 'https://plinth.test'
let offset = 0
const clock = { now: () => new Date(Date.now() + offset) }
const tokens = createAccessTokens({ secrets, clock, lifetimeMinutes: 30, issuer })
const claims = { userId: randomUUID(), email: 'a@b.co', role: 'user', sessionId: randomUUID() }

interface Forgery {
  readonly payload?: JWTPayload
  readonly without?: string
  readonly header?: Record<string, unknown>
  readonly bytes?: Uint8Array
}

/** A token as ours, signed with our key, but for what the test changes. */
async function forge({ payload = {}, without, header = {}, bytes }: Forgery): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const [key] = secrets.keys('access-token')
  if (key === undefined) throw new Error('no key')
  const all: JWTPayload = {
    sub: claims.userId,
    email: claims.email,
    role: 'user',
    sid: claims.sessionId,
    jti: randomUUID(),
    iat: now,
    nbf: now,
    exp: now + 1_800,
    iss: issuer,
    aud: issuer,
    ...payload,
  }
  const kept = Object.fromEntries(Object.entries(all).filter(([name]) => name !== without))
  return await new SignJWT(kept)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: key.id, ...header })
    .sign(bytes ?? key.bytes, { crit: { x: true } })
}

const seconds = (from: number) => Math.floor(Date.now() / 1_000) + from

describe('access tokens', () => {
  it('come back with their claims, also from the memory of known ones', async () => {
    const { token, expiresAt } = await tokens.issue(claims)
    expect(await tokens.verify(token)).toEqual(claims)
    expect(await tokens.verify(token)).toEqual(claims)
    expect(Math.abs(expiresAt.getTime() - Date.now() - 1_800_000)).toBeLessThan(5_000)
  })

  it('end when they say, known or not', async () => {
    const { token } = await tokens.issue(claims)
    expect(await tokens.verify(token)).toEqual(claims)
    offset = 31 * 60_000
    expect(await tokens.verify(token)).toBeNull()
    offset = 0
  })

  it('accepts a forgery that changes nothing, so that the refusals below mean something', async () => {
    expect(await tokens.verify(await forge({}))).toEqual(claims)
    expect(await tokens.verify(await forge({ payload: { nbf: seconds(20), iat: seconds(20) } }))).toEqual(
      claims,
    )
  })

  it.each<[string, Forgery]>([
    ['another type', { header: { typ: 'JWT' } }],
    ['an unknown key', { header: { kid: '../../dev/null' } }],
    ['a key it does not know', { bytes: new Uint8Array(32) }],
    ['a critical extension', { header: { crit: ['x'], x: 1 } }],
    ['another algorithm', { header: { alg: 'HS512' } }],
    ['another issuer', { payload: { iss: 'https://evil.test' } }],
    ['another audience', { payload: { aud: 'https://evil.test' } }],
    ['a start in an hour', { payload: { nbf: seconds(3_600) } }],
    ['a birth in ten minutes', { payload: { iat: seconds(600), exp: seconds(2_000) } }],
    ['a life that is too long', { payload: { exp: seconds(7_200) } }],
    ['an end in the past', { payload: { exp: seconds(-60) } }],
    ['a subject that is no id', { payload: { sub: 'admin' } }],
    ['a session that is no text', { payload: { sid: 7 } }],
    ...['sub', 'sid', 'jti', 'iat', 'nbf', 'exp', 'iss', 'aud'].map((name): [string, Forgery] => [
      `no ${name}`,
      { without: name },
    ]),
  ])('refuses %s', async (_what, forgery) => {
    expect(await tokens.verify(await forge(forgery))).toBeNull()
  })

  it('refuses other spellings of a good token', async () => {
    const { token } = await tokens.issue(claims)
    const last = token.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const lowBits = alphabet[alphabet.indexOf(last) ^ 1] ?? ''
    const spellings = [`${token}=`, `${token} `, `${token}\n`, ` ${token}`, token.replace(/(.{5})$/, ' $1')]
    for (const spelling of [
      ...spellings,
      token.slice(0, -1) + lowBits,
      `${token}.x`,
      '',
      'x'.repeat(1_000_000),
    ]) {
      expect(await tokens.verify(spelling), spelling.slice(-30)).toBeNull()
    }
  })

  it('holds over a change of the secret until the old one is taken away', async () => {
    const { token } = await tokens.issue(claims)
    const fresh = 'another-secret-of-enough-characters-to-sign'
    const build = (previous: string[]) =>
      createAccessTokens({ secrets: createSecrets(fresh, previous), clock, lifetimeMinutes: 30, issuer })
    expect(await build(['a-secret-of-enough-characters-to-sign-with']).verify(token)).toEqual(claims)
    expect(await build([]).verify(token)).toBeNull()
  })
})
