import { createClient, safe } from '@plinth/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../server/src/contract/limits.ts'
import { createCallLimiter } from '../../server/src/platform/limits/index.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, mutate, query, send } from '../support/http.ts'
import { addPerson, newAddress, newEmail, PASSWORD } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  // 10.0.0.0/8 is nobody this server trusts: what 127.0.0.1 says of itself is not believed.
  server = await startServer({ variables: { TRUSTED_PROXIES: '10.0.0.0/8' } })
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
  await using small = await startServer()
  const [somebody, another] = [await addPerson(small), await addPerson(small)]
  const brief = { ...limits, read: { points: 25, seconds: 60 } }
  Object.assign(small.app.runtime, { limiter: createCallLimiter(brief) })
  const authorization = `Bearer ${somebody.token}`
  const batch = (paths: readonly string[]) =>
    send(`${small.baseUrl}/trpc/${paths.join(',')}?batch=1`, { headers: { authorization } })
  const ten = Array.from({ length: 10 }, () => 'users.me')
  const answers = [
    await batch(ten),
    // Refused for its input, and counted all the same.
    await batch(['users.me', 'users.getByEmail', 'users.me']),
    await batch(ten),
    await batch(ten),
    await batch(ten),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 207, 200, 207, 429])
  const remaining = answers.map(({ headers }) => /"read";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])
  expect(remaining).toEqual(['15', '13', '3', '0', '0'])
  expect(answers[1]?.headers.get('ratelimit')).toContain('"lookup";r=59;')
  for (const answer of answers) expectLimitHeaders(answer)
  for (const answer of answers.slice(3)) expectWait(answer, 60)
  // Somebody else behind the same address goes on.
  expectOk(await query(small.baseUrl, 'users.me', undefined, another))
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

test('the SDK waits for limits when asked to, and says so when not', async () => {
  await using small = await startServer()
  const { email } = await addPerson(small)
  const brief = { ...limits, read: { points: 5, seconds: 2 } }
  Object.assign(small.app.runtime, { limiter: createCallLimiter(brief) })
  const { baseUrl } = small
  const patient = createClient({ baseUrl, retry: { waitForLimits: true } })
  await patient.auth.login.mutate({ email, password: PASSWORD })
  const dozen = (client: typeof patient) =>
    Promise.all(Array.from({ length: 12 }, () => safe(client.users.me.query())))
  expect((await dozen(patient)).map(([error]) => error?.code)).toEqual(Array(12).fill(undefined))
  const hasty = createClient({ baseUrl, retry: { maxDelayMs: 10 } })
  await hasty.auth.login.mutate({ email, password: PASSWORD })
  const codes = (await dozen(hasty)).map(([error]) => error?.code)
  expect(codes).toContain('TOO_MANY_REQUESTS')
})
