import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../server/src/contract/limits.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, mutate, query, send } from '../support/http.ts'
import { addPerson, type LogIn, newAddress, newEmail, type Person } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

type User = Person & LogIn

let server: TestServer
let who: User
let other: User
beforeAll(async () => {
  // 10.0.0.0/8 is nobody this server trusts: what 127.0.0.1 says of itself is not believed.
  server = await startServer({ variables: { TRUSTED_PROXIES: '10.0.0.0/8' } })
  // Before the address is used up.
  who = await addPerson(server)
  other = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const RATE = /^"[a-z]+";r=\d+;t=\d+(?:, "[a-z]+";r=\d+;t=\d+)*$/

function expectLimitHeaders({ headers }: Answer): void {
  expect(headers.get('ratelimit')).toMatch(RATE)
  expect(headers.get('ratelimit-policy')).toMatch(/^"[a-z]+";q=\d+;w=\d+/)
}

function expectWait(answer: Answer, withinSeconds: number): void {
  const seconds = Number(answer.headers.get('retry-after'))
  expect(seconds).toBeGreaterThanOrEqual(1)
  expect(seconds).toBeLessThanOrEqual(withinSeconds)
}

test('T12 no header makes one client into many, and refusals say how long to wait', async () => {
  const guess = () => {
    const [address = ''] = Object.values(newAddress())
    const headers = {
      'x-forwarded-for': address,
      'x-real-ip': address,
      forwarded: `for=${address}`,
      'cf-connecting-ip': address,
      'true-client-ip': address,
    }
    const input = { email: newEmail(), password: 'not the right one 42' }
    return mutate(server.baseUrl, 'auth.login', input, { headers })
  }
  const answers = await Promise.all(Array.from({ length: 60 }, guess))
  const refused = answers.filter(({ status }) => status === 429)
  // A window may have ended in between.
  expect(refused.length).toBeGreaterThanOrEqual(60 - 2 * limits.credential.points)
  for (const answer of refused) {
    expectRefused(answer, 429)
    expectLimitHeaders(answer)
    expectWait(answer, limits.credential.seconds)
  }
  for (const answer of answers) expectLimitHeaders(answer)
})

test('T4 an exhausted limit has one door, however it is spelled', async () => {
  const path = 'auth.requestPasswordReset'
  const body = JSON.stringify({ email: newEmail() })
  const call = (spelled: string) =>
    send(`${server.baseUrl}${spelled}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
  const answers: Answer[] = []
  for (let mail = 0; mail <= limits.mail.points; mail += 1) answers.push(await call(`/trpc/${path}`))
  expect(answers.at(-1)?.status).toBe(429)
  const spellings = [
    `/trpc/x/${path}`,
    `/trpc/${path.replace('.', '%2E')}`,
    `/trpc/${path}/`,
    `/trpc/${path}?batch=1`,
    `/trpc/${path}?x=1`,
    `//trpc/${path}`,
    `/trpc//${path}`,
    `/trpc/./${path}`,
    `/TRPC/${path}`,
    `/trpc/${path.toUpperCase()}`,
    `/trpc/${path},${path}?batch=1`,
  ]
  for (const spelled of spellings) {
    const { status } = await call(spelled)
    expect({ spelled, refused: [400, 404, 429].includes(status) }).toEqual({ spelled, refused: true })
  }
})

test('every call of a batch is counted; the answer tells of each limit and of the longest wait', async () => {
  const authorization = `Bearer ${who.token}`
  const batch = (paths: readonly string[]) =>
    send(`${server.baseUrl}/trpc/${paths.join(',')}?batch=1`, { headers: { authorization } })
  const ten = Array.from({ length: 10 }, () => 'users.me')
  const one = await batch(ten)
  const mixed = await batch(['users.me', 'apiKeys.list', 'users.me'])
  const remaining = (answer: Answer) =>
    Number(/"read";r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1])
  expect(remaining(one)).toBe(limits.read.points - 10)
  expect(remaining(mixed)).toBe(limits.read.points - 13)
  const rest = Math.ceil(limits.read.points / 10)
  const answers = await Promise.all(Array.from({ length: rest }, () => batch(ten)))
  const over = await batch(ten)
  expect(over.status).toBe(429)
  expectWait(over, limits.read.seconds)
  for (const answer of [...answers, over]) expectLimitHeaders(answer)
  // Somebody else behind the same address goes on.
  expectOk(await query(server.baseUrl, 'users.me', undefined, other))
})

test('an address that sends made-up keys is told when to come back', async () => {
  let last: Answer | undefined
  for (let guess = 0; guess <= limits.refused.points; guess += 1) {
    const token = `plk_made-upx_${String(guess).padStart(43, 'k')}`
    last = await query(server.baseUrl, 'users.me', undefined, { token })
    if (last.status === 429) break
    expectRefused(last, 401)
  }
  if (last === undefined) throw new Error('Nothing was asked')
  expectRefused(last, 429)
  expectLimitHeaders(last)
  expectWait(last, limits.refused.seconds)
})
