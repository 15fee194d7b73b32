import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, mutate, query, send } from '../support/http.ts'
import { movingClock } from '../support/moving-clock.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPeople, addPerson, newAddress, newEmail, PASSWORD, tryLogIn } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed } from '../support/until.ts'

const clock = movingClock()
let server: TestServer

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' }, overrides: { clock } })
})
afterAll(() => server[Symbol.asyncDispose]())

/** An answer without what is different in every one. */
const bare = ({ text }: Answer) => text.replaceAll(/"(traceId|requestId)":"[^"]*"/g, '')
const headerNames = ({ headers }: Answer) => [...headers.keys()].sort()

async function one(name = 'user') {
  const [person] = await addPeople(server, [name])
  if (person === undefined) throw new Error('Nobody was made')
  return person
}

describe('A4 hashing is bounded and blocks nobody', () => {
  test('fifty log-ins at once at full cost: the loop goes on, the rest is told to come back', async () => {
    await using busy = await startServer({
      variables: { TRUSTED_PROXIES: '127.0.0.1', BCRYPT_COST: '10', PASSWORD_QUEUE_SIZE: '8' },
    })
    const [process0, thread0] = [process.cpuUsage(), process.threadCpuUsage()]
    const guesses = Array.from({ length: 50 }, () => timed(() => tryLogIn(busy, newEmail())))
    const probe = await send(`${busy.baseUrl}/livez`)
    const answers = await Promise.all(guesses)
    const [all, here] = [process.cpuUsage(process0).user, process.threadCpuUsage(thread0).user]
    expect(probe.status).toBe(200)
    const shed = answers.filter(({ answer }) => answer.status === 503)
    expect(shed.length).toBeGreaterThan(10)
    for (const { answer } of shed) {
      expect(expectClean(answer).error?.reason).toBe('OVERLOADED')
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    for (const { answer } of answers) expect([401, 503]).toContain(answer.status)
    // Hashing is most of the work there is, and it is not done in the thread that answers calls.
    expect(here / all).toBeLessThan(0.5)
    expectRefused(await tryLogIn(busy, newEmail()), 401)
  })
})

describe('A6 a log-in does not say whether there is an account', () => {
  test('unknown, wrong, suspended and not verified read alike, headers and all', async () => {
    await using strict = await startServer({
      variables: { TRUSTED_PROXIES: '127.0.0.1', REGISTRATION_REQUIRES_VERIFICATION: '1' },
    })
    const [wrong, suspended, unverified] = await addPeople(strict, ['wrong', 'suspended', 'unverified'])
    const { prisma } = strict.database
    const by = (person: { id: string } | undefined) => ({ where: { id: person?.id ?? '' } })
    await prisma.user.update({ ...by(suspended), data: { suspendedAt: new Date() } })
    await prisma.user.update({ ...by(unverified), data: { emailVerifiedAt: null } })
    const answers = [
      await tryLogIn(strict, newEmail()),
      await tryLogIn(strict, wrong?.email, 'not the right one 42'),
      await tryLogIn(strict, suspended?.email, PASSWORD),
      await tryLogIn(strict, unverified?.email, PASSWORD),
    ]
    const [first] = answers
    if (first === undefined) throw new Error('No answer')
    for (const answer of answers) {
      expectRefused(answer, 401)
      expect(bare(answer)).toBe(bare(first))
      expect(headerNames(answer)).toEqual(headerNames(first))
    }
  })

  test('an unknown address costs the same work as a known one', async () => {
    await using slow = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1', BCRYPT_COST: '9' } })
    const people = await addPeople(
      slow,
      Array.from({ length: 15 }, (_, index) => `known${index}`),
    )
    const known: number[] = []
    const unknown: number[] = []
    for (const { email } of people) {
      known.push((await timed(() => tryLogIn(slow, email, 'not the right one 42'))).ms)
      unknown.push((await timed(() => tryLogIn(slow, newEmail(), 'not the right one 42'))).ms)
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
    // Without the hash it would be a tenth; a shared machine is not quiet enough for more than a factor.
    expect(median(unknown) / median(known)).toBeGreaterThan(0.5)
    expect(median(unknown) / median(known)).toBeLessThan(2)
  })
})

describe('A7 registering, resetting and resending do not say it either', () => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, inner]) => [key, shape(inner)])
      : typeof value
  const registerAs = (email: string) =>
    mutate(
      server.baseUrl,
      'auth.register',
      { email, password: PASSWORD, fullName: 'Somebody New' },
      { headers: newAddress() },
    )

  test('registering a taken address looks the same, is worth nothing, and its owner hears of it', async () => {
    const owner = await addPerson(server, 'owner')
    const fresh = expectOk(await registerAs(newEmail()), { tokens: true })
    const sessions = await server.database.prisma.session.count()
    const taken = expectOk(await registerAs(owner.email), { tokens: true })
    expect(JSON.stringify(shape(taken.data))).toBe(JSON.stringify(shape(fresh.data)))
    expect(headerNames(taken)).toEqual(headerNames(fresh))
    expect(await server.database.prisma.session.count()).toBe(sessions)
    expect(taken.text).not.toContain(owner.id)
    const token = String(Reflect.get(Object(taken.data), 'accessToken'))
    const refreshToken = String(Reflect.get(Object(taken.data), 'refreshToken'))
    expectRefused(await query(server.baseUrl, 'users.me', undefined, { token }), 401)
    expectRefused(await mutate(server.baseUrl, 'auth.refresh', { refreshToken }), 401)
    await server.mails.last(owner.email, 'registration-attempt')
    expectOk(await tryLogIn(server, owner.email), { tokens: true })
  })

  test.each(['auth.requestPasswordReset', 'auth.resendVerification'])('%s answers alike', async (path) => {
    const { email } = await one()
    const known = await mutate(server.baseUrl, path, { email }, { headers: newAddress() })
    const unknown = await mutate(server.baseUrl, path, { email: newEmail() }, { headers: newAddress() })
    expect(bare(expectOk(known))).toBe(bare(expectOk(unknown)))
    expect(headerNames(known)).toEqual(headerNames(unknown))
  })
})

describe('A8 guessing is bounded for an account and for an address', () => {
  const wrong = 'not the right one 42'

  test('of forty at once at most five are compared; the right one then reads like a wrong one; sessions go on', async () => {
    const owner = await addPerson(server, 'guessed')
    const answers = await Promise.all(Array.from({ length: 40 }, () => tryLogIn(server, owner.email, wrong)))
    for (const answer of answers) expectRefused(answer, [401, 503])
    const locked = expectRefused(await tryLogIn(server, owner.email, PASSWORD), 401)
    const refused = answers.find(({ status }) => status === 401)
    expect(bare(locked)).toBe(refused === undefined ? '' : bare(refused))
    expectOk(await query(server.baseUrl, 'users.me', undefined, owner))
    expectOk(await mutate(server.baseUrl, 'auth.refresh', { refreshToken: owner.refreshToken }), {
      tokens: true,
    })
  })

  test('changing the password is no way around: the doors share the count', async () => {
    const owner = await addPerson(server, 'side')
    for (let guess = 0; guess < 6; guess += 1) {
      const input = { currentPassword: wrong, newPassword: 'rT4 velvet anchor 91' }
      expectRefused(await mutate(server.baseUrl, 'auth.changePassword', input, owner), [401, 403])
    }
    expectRefused(await tryLogIn(server, owner.email, PASSWORD), 401)
  })

  test('proving the mailbox ends the lock at once', async () => {
    const owner = await one('locked')
    for (let guess = 0; guess < 6; guess += 1) await tryLogIn(server, owner.email, wrong)
    expectRefused(await tryLogIn(server, owner.email, PASSWORD), 401)
    await mutate(
      server.baseUrl,
      'auth.requestPasswordReset',
      { email: owner.email },
      { headers: newAddress() },
    )
    const mail = await server.mails.last(owner.email, 'reset-password')
    const input = { token: /token=([\w-]+)/.exec(mail.text)?.[1], password: 'rT4 velvet anchor 91' }
    expectOk(await mutate(server.baseUrl, 'auth.resetPassword', input, { headers: newAddress() }))
    expectOk(await tryLogIn(server, owner.email, input.password), { tokens: true })
  })

  test('spraying many accounts from one address is stopped', async () => {
    const address = newAddress()
    const statuses: number[] = []
    for (let guess = 0; guess < 200 && !statuses.includes(429); guess += 1) {
      statuses.push((await tryLogIn(server, newEmail(), wrong, address)).status)
    }
    expect(statuses).toContain(429)
    expectRefused(await tryLogIn(server, newEmail(), wrong), 401)
  })
})

describe('A8 tokens and keys are not guessed either', () => {
  test('after some made-up keys an address has to wait; sessions and other addresses do not', async () => {
    const headers = newAddress()
    const person = await addPerson(server)
    const key = () => `plk_${randomBytes(6).toString('base64url')}_${randomBytes(32).toString('base64url')}`
    const statuses: number[] = []
    for (let tries = 0; tries < 300 && !statuses.includes(429); tries += 1) {
      const guess = await query(server.baseUrl, 'users.me', undefined, { token: key(), headers })
      statuses.push(expectClean(guess).status)
    }
    expect(statuses.at(-1)).toBe(429)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
    expectOk(await query(server.baseUrl, 'users.me', undefined, { ...person, headers }))
    expectOk(await query(server.baseUrl, 'users.me', undefined, { ...person, headers: newAddress() }))
  })
})

describe('A9 credentials are texts of one form', () => {
  test.each([
    { email: { not: '' }, password: PASSWORD },
    { email: ['a@example.com'], password: PASSWORD },
    { email: 'a@example.com', password: [PASSWORD] },
    { email: 'a@example.com', password: { not: '' } },
    { email: 'a@example.com' },
    { password: PASSWORD },
    { email: null, password: null },
    { email: true, password: 1 },
    { email: 'a@example.com\0', password: PASSWORD },
    { email: `${'x'.repeat(300)}@example.com`, password: PASSWORD },
    { email: 'a@example.com', password: PASSWORD, role: 'admin' },
    { email: 'no address', password: PASSWORD },
    { email: 'a@b@example.com', password: PASSWORD },
    { email: 'a@example.com\r\nBcc: x@example.com', password: PASSWORD },
  ])('%j is 400', async (input) => {
    const answer = await expectNoEffect(server.database, () =>
      mutate(server.baseUrl, 'auth.login', input, { headers: newAddress() }),
    )
    expectRefused(answer, 400)
  })

  test('capitals and compatibility characters are the same account, everywhere', async () => {
    const person = await one('spelled')
    const spellings = [
      person.email.toUpperCase(),
      person.email.replace('spelled', 'Spelled'),
      person.email.replace('s', 'ｓ'),
    ]
    const users = await server.database.prisma.user.count()
    for (const email of spellings) {
      expectOk(await tryLogIn(server, email), { tokens: true })
      const input = { email, password: PASSWORD, fullName: 'Somebody New' }
      expectOk(await mutate(server.baseUrl, 'auth.register', input, { headers: newAddress() }), {
        tokens: true,
      })
    }
    expect(await server.database.prisma.user.count()).toBe(users)
  })

  test('a space around an address is no second account', async () => {
    const person = await one('spaced')
    const users = await server.database.prisma.user.count()
    for (const email of [` ${person.email}`, `${person.email} `, `${person.email}\n`]) {
      const input = { email, password: PASSWORD, fullName: 'Somebody New' }
      const answer = await mutate(server.baseUrl, 'auth.register', input, { headers: newAddress() })
      expect([200, 400]).toContain(expectClean(answer, { tokens: true }).status)
    }
    expect(await server.database.prisma.user.count()).toBe(users)
  })
})
