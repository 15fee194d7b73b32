import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TEST_SECRET } from '../support/config.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { forge, partsOf, serverKey, type TokenParts } from '../support/forge.ts'
import { mutate, query } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, type LogIn, logIn, newAddress, type Person } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed } from '../support/until.ts'

let server: TestServer
let user: Person & LogIn
let parts: TokenParts

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  user = await addPerson(server)
  parts = partsOf(user.token)
})
afterAll(() => server[Symbol.asyncDispose]())

const now = () => Math.floor(Date.now() / 1_000)
// Each from an address of its own: refused credentials are counted.
const me = (token: string) => query(server.baseUrl, 'users.me', undefined, { token, headers: newAddress() })

async function expectWorthless(token: string): Promise<void> {
  const { answer, ms } = await timed(() => me(token))
  expectRefused(answer, [401, 431])
  expect(ms).toBeLessThan(1_000)
}

/** The genuine token, changed and signed again with the server's own key. */
const changed = (header: object, payload: object = {}) =>
  forge({ header: { ...parts.header, ...header }, payload: { ...parts.payload, ...payload } })

describe('J1 only our algorithm and our key', () => {
  test('the genuine one holds, also signed here: what follows fails for its own reason', async () => {
    expectOk(await me(user.token))
    expectOk(await me(changed({})))
  })

  test.each(['none', 'None', 'NONE', 'nOnE', ''])(
    'alg %j is refused, with and without signature',
    async (alg) => {
      await expectWorthless(changed({ alg }))
      await expectWorthless(
        forge({ header: { ...parts.header, alg }, payload: parts.payload }, { signature: '' }),
      )
    },
  )

  test.each([
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ] as const)('%s with the right key is refused', async (alg, hash) => {
    await expectWorthless(forge({ header: { ...parts.header, alg }, payload: parts.payload }, { hash }))
  })

  test('other keys are refused: empty, the secret itself, a public key as HMAC secret, one of another purpose', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    for (const key of [
      '',
      'secret',
      TEST_SECRET,
      String(pem),
      serverKey('Zk3mQ8rT1vX5yB7nC9pL2sD4fG6hJ0wA'),
    ]) {
      await expectWorthless(forge(parts, { key }))
    }
  })

  test.each([
    ['jwk', { kty: 'oct', k: Buffer.from('mine').toString('base64url') }],
    ['jku', 'http://127.0.0.1:9/jwks.json'],
    ['x5u', 'http://127.0.0.1:9/cert.pem'],
    ['kid', '../../dev/null'],
    ['kid', "' OR 1=1--"],
    ['kid', ['a']],
    ['kid', 'x'.repeat(1_000)],
    ['kid', 'unknown'],
    ['crit', ['x']],
    ['crit', ['exp']],
    ['b64', false],
    ['typ', 'JWT'],
    ['typ', undefined],
    ['zip', 'DEF'],
  ])('a header with %s %j does not help a strange key', async (name, value) => {
    const header = { ...parts.header, [name]: value }
    await expectWorthless(forge({ header, payload: parts.payload }, { key: 'mine' }))
  })

  test.each([
    ['crit', ['x']],
    ['typ', 'JWT'],
    ['typ', undefined],
    ['kid', undefined],
    ['kid', 'unknown'],
  ])('not even with our key: header %s %j', async (name, value) => {
    await expectWorthless(changed({ [name]: value }))
  })

  test('other shapes are refused: JWE, two, four and five parts, garbage, a megabyte', async () => {
    const [header = '', payload = '', signature = ''] = user.token.split('.')
    const shapes = [
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `.${payload}.${signature}`,
      `${user.token}.x`,
      `${user.token}.x.y`,
      'a.b.c',
      '...',
      'x',
      'null',
      `${'e30'.repeat(1_000)}.e30.x`,
    ]
    for (const shape of shapes) await expectWorthless(shape)
    const long = await sendRaw(
      server.baseUrl,
      rawRequest('GET /trpc/users.me HTTP/1.1', [`Authorization: Bearer ${'x'.repeat(1_048_576)}`]),
    )
    expect([400, 431]).toContain(long.status)
  })
})

describe('J2 times are required and checked', () => {
  test.each([
    ['no exp', { exp: undefined }],
    ['exp as text', { exp: '9999999999' }],
    ['exp negative', { exp: -1 }],
    ['exp null', { exp: null }],
    ['exp fractional', { exp: 4_102_444_800.5 }],
    ['exp far away', { exp: 4_102_444_800 }],
    ['exp past', { exp: now() - 120 }],
    ['nbf in an hour', { nbf: now() + 3_600 }],
    ['no nbf', { nbf: undefined }],
    ['iat in ten minutes', { iat: now() + 600, nbf: now(), exp: now() + 900 }],
    ['no iat', { iat: undefined }],
    ['iat long ago', { iat: now() - 86_400 }],
    ['a life of a day', { iat: now(), exp: now() + 86_400 }],
  ])('%s is refused', async (_name, payload) => {
    await expectWorthless(changed({}, payload))
  })

  test('an end that no number holds is refused', async () => {
    const claims = JSON.stringify({ ...parts.payload, exp: 0 }).replace('"exp":0', '"exp":1e309')
    await expectWorthless(forge(parts, { claims }))
  })

  test('thirty seconds of difference between clocks are forgiven', async () => {
    expectOk(
      await me(changed({}, { iat: now() - 100, nbf: now() - 100, exp: now() - 10, jti: randomUUID() })),
    )
    expectOk(await me(changed({}, { iat: now() + 20, nbf: now() + 20, exp: now() + 600, jti: randomUUID() })))
  })
})

describe('J3 the right kind, issuer, audience and subject', () => {
  test.each([
    ['iss', 'https://evil.test'],
    ['iss', undefined],
    ['aud', 'https://evil.test'],
    ['aud', undefined],
    ['aud', ['https://evil.test']],
    ['sub', {}],
    ['sub', 1],
    ['sub', undefined],
    ['sub', randomUUID()],
    ['sub', ''],
    ['sid', randomUUID()],
    ['sid', undefined],
    ['sid', ['x']],
    ['jti', undefined],
  ])('%s %j is refused', async (name, value) => {
    await expectWorthless(changed({}, { [name]: value }))
  })

  test('a claim of more rights gives none', async () => {
    const admin = changed({}, { role: 'super_admin', jti: randomUUID() })
    const answer = await mutate(server.baseUrl, 'users.suspend', { id: user.id }, { token: admin })
    expectRefused(answer, 403)
  })

  test('a refresh token is no access token, and an access token no refresh token', async () => {
    await expectWorthless(user.refreshToken)
    const answer = await expectNoEffect(server.database, () =>
      mutate(server.baseUrl, 'auth.refresh', { refreshToken: user.token }),
    )
    expectRefused(answer, [400, 401])
  })

  test('tokens of mailed links are for their link only', async () => {
    const { id: userId, email } = await addPerson(server)
    await mutate(server.baseUrl, 'auth.requestPasswordReset', { email })
    const mail = await server.mails.last(email, 'reset-password')
    const secret = /token=([\w.~-]+)/.exec(mail.text)?.[1] ?? ''
    expect(secret.length).toBeGreaterThan(20)
    await expectWorthless(secret)
    for (const [path, input] of [
      ['auth.refresh', { refreshToken: secret }],
      ['auth.verifyEmail', { token: secret }],
    ] as const) {
      expectRefused(await mutate(server.baseUrl, path, input), [400, 401])
    }
    expect(await server.database.prisma.user.count({ where: { id: userId } })).toBe(1)
  })
})

describe('J4 spelling a token otherwise does not revive it', () => {
  test('after the log-out no spelling holds, and before it only the one that was issued', async () => {
    const { token } = await logIn(server, user.email)
    const respelled = spellings(token)
    for (const spelling of respelled) await expectWorthlessRaw(spelling)
    expectOk(await mutate(server.baseUrl, 'auth.logout', undefined, { token }))
    for (const spelling of [token, ...respelled]) await expectWorthlessRaw(spelling)
    await expectWorthless(reordered(token))
    expectOk(await me(user.token))
  })
})

function spellings(token: string): string[] {
  const last = token.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const sibling = alphabet[alphabet.indexOf(last) ^ 1] ?? ''
  const [header = '', payload = '', signature = ''] = token.split('.')
  return [
    `${token}=`,
    `${token}==`,
    `${header}.${payload}=.${signature}`,
    `${header}=.${payload}.${signature}`,
    `${token.slice(0, -1)}${sibling}`,
    `${header}.${payload}.${signature.slice(0, 10)} ${signature.slice(10)}`,
    `${header}.${payload}.${signature.slice(0, 10)}\t${signature.slice(10)}`,
    `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}${/[-_]/.test(signature) ? '' : '+'}`,
    `${token}%20`,
    `"${token}"`,
  ]
}

/** Node's `fetch` trims and refuses; a socket sends what it is told. */
async function expectWorthlessRaw(token: string): Promise<void> {
  const head = [`Authorization: Bearer ${token}`, `X-Forwarded-For: ${newAddress()['x-forwarded-for']}`]
  const answer = await sendRaw(server.baseUrl, rawRequest('GET /trpc/users.me HTTP/1.1', head), {
    headOnly: true,
  })
  expect([400, 401], token.slice(-60)).toContain(answer.status)
}

function reordered(token: string): string {
  const { header, payload } = partsOf(token)
  return forge({ header: Object.fromEntries(Object.entries(header).reverse()), payload })
}

describe('J5 keys are changed without an outage', () => {
  const next = 'T9vXk2LmQ4rZ7wBn1YcJ6sDf8GhP3uEa5KoR0tVi'

  test('old tokens hold while the old secret is known, new ones come from the new; then the old are over', async () => {
    const issued = partsOf(user.token)
    await using rotated = await startServer({
      variables: { JWT_SECRET: next, JWT_SECRET_PREVIOUS: TEST_SECRET },
    })
    const person = await addPerson(rotated)
    const claims = partsOf(person.token)
    expect(claims.header.kid).not.toBe(issued.header.kid)
    const old = forge({ header: issued.header, payload: claims.payload })
    const ask = (baseUrl: string, token: string) => query(baseUrl, 'users.me', undefined, { token })
    expectOk(await ask(rotated.baseUrl, old))
    expectOk(await ask(rotated.baseUrl, person.token))

    await using final = await startServer({ variables: { JWT_SECRET: next } })
    const last = await addPerson(final)
    const stale = forge({ header: issued.header, payload: partsOf(last.token).payload })
    expectRefused(await ask(final.baseUrl, stale), 401)
    expectOk(await ask(final.baseUrl, last.token))
  })
})
