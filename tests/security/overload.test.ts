import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient, memoryTokens } from '@plinth/client'
import { expect, test } from 'vitest'
import { runningCalls } from '../../server/src/contract/pipeline/observe.ts'
import { databaseKind } from '../support/database.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, mutate, query, send } from '../support/http.ts'
import { addPerson } from '../support/people.ts'
import { startServer } from '../support/server.ts'
import { openStream } from '../support/sse.ts'
import { timed, until } from '../support/until.ts'

const KEPT_EQUAL =
  /^(?:content-type|cache-control|content-security-policy|referrer-policy|strict-transport-security|x-content-type-options|access-control-allow-origin|access-control-allow-credentials|vary)$/

function expectShed(answer: Answer): void {
  expectRefused(answer, 503)
  const wait = Number(answer.headers.get('retry-after'))
  expect(wait).toBeGreaterThanOrEqual(1)
  expect(wait).toBeLessThanOrEqual(2)
}

/** The probes, which are never shed. */
async function expectAlive(baseUrl: string): Promise<void> {
  const live = await timed(() => send(`${baseUrl}/livez`))
  expect(live.answer.status).toBe(200)
  for (const path of ['/readyz', '/api/health']) {
    expect([200, 503]).toContain((await send(`${baseUrl}${path}`)).status)
  }
}

test('D7 a pool that is held sheds in time, stays alive and recovers at once', async () => {
  const variables = { DATABASE_POOL_WAITING: '20' }
  await using server = await startServer({ variables, pool: { size: 4, waitMs: 2_000, waiting: 20 } })
  const { baseUrl, database } = server
  const who = await addPerson(server)
  expectOk(await query(baseUrl, 'users.me', undefined, who))
  const { pool } = database
  // An embedded database runs one statement at a time, so holding it once holds everything.
  const holders = databaseKind() === 'postgres' ? 8 : 4
  const seconds = databaseKind() === 'postgres' ? 4 : 1
  const held = Promise.allSettled(
    Array.from({ length: holders }, () => pool.query(`SELECT pg_sleep(${seconds})`)),
  )
  await until('every connection to be in use', () =>
    pool.totalCount === 4 && pool.idleCount === 0 ? true : undefined,
  )
  const calls: Promise<{ ms: number; answer: Answer }>[] = []
  const livings: number[] = []
  for (let call = 0; call < 150; call += 1) {
    calls.push(timed(() => query(baseUrl, 'users.me', undefined, who)))
    if (call % 10 === 0) livings.push((await timed(() => send(`${baseUrl}/livez`))).ms)
    await delay(20)
  }
  const answers = await Promise.all(calls)
  const shed = answers.filter(({ answer }) => answer.status !== 200)
  expect(shed.length).toBeGreaterThan(20)
  for (const { answer, ms } of shed) {
    expectShed(answer)
    expect(ms).toBeLessThan(2_500)
  }
  expect(shed.some(({ ms, answer }) => ms < 200 && answer.error?.reason === 'OVERLOADED')).toBe(true)
  livings.sort((a, b) => a - b)
  expect(livings[Math.floor(livings.length / 2)]).toBeLessThan(50)
  await held
  await until(
    'calls to be answered',
    async () => ((await query(baseUrl, 'users.me', undefined, who)).status === 200 ? true : undefined),
    1_000,
  )
}, 60_000)

test('an event loop that runs late sheds, and stops when it is in time again', async () => {
  await using server = await startServer({ variables: { MAX_LOOP_DELAY_MS: '100', MAX_RUNNING_CALLS: '32' } })
  const { baseUrl } = server
  const who = await addPerson(server)
  expectOk(await query(baseUrl, 'users.me', undefined, who))
  // As work that never stops coming does: each turn of the loop takes long.
  const busy = setInterval(() => {
    const end = performance.now() + 150
    while (performance.now() < end);
  }, 1)
  try {
    const answers = await until(
      'calls to be shed',
      async () => {
        const some = await Promise.all(
          Array.from({ length: 30 }, () => query(baseUrl, 'users.me', undefined, who)),
        )
        return some.some(({ status }) => status === 503) ? some : undefined
      },
      20_000,
    )
    const shed = answers.filter(({ status }) => status !== 200)
    for (const answer of shed) {
      expectShed(answer)
      expect(answer.error?.reason).toBe('OVERLOADED')
    }
    // Some go on, however late the loop is.
    expect(shed.length).toBeLessThan(answers.length)
    await expectAlive(baseUrl)
  } finally {
    clearInterval(busy)
  }
  await until(
    'all calls to be answered',
    async () => {
      const some = await Promise.all(
        Array.from({ length: 30 }, () => query(baseUrl, 'users.me', undefined, who)),
      )
      return some.every(({ status }) => status === 200) ? true : undefined
    },
    10_000,
  )
}, 60_000)

test('calls beyond the bound are shed, each of a batch counts, and streams hold no place', async () => {
  await using server = await startServer({ variables: { MAX_RUNNING_CALLS: '4' } })
  const { baseUrl, app } = server
  const who = await addPerson(server)
  const made = expectOk(await mutate(baseUrl, 'projects.create', { name: 'P', slug: `p-${who.id}` }, who))
  const projectId = String(Object(made.data).id)
  const streams = await Promise.all(
    Array.from({ length: 5 }, () => openStream(baseUrl, 'tasks.onChange', { projectId }, who)),
  )
  expectOk(await query(baseUrl, 'users.me', undefined, who))

  // Calls that wait until they are let go, wherever they wait.
  const gate = Promise.withResolvers<void>()
  const { limiter } = app.runtime
  let waiting = 0
  Object.assign(app.runtime, {
    limiter: {
      ...limiter,
      async take(...args: Parameters<typeof limiter.take>) {
        waiting += 1
        await gate.promise
        return await limiter.take(...args)
      },
    },
  })
  const authorization = `Bearer ${who.token}`
  const batch = send(`${baseUrl}/trpc/users.me,users.me,users.me?batch=1`, { headers: { authorization } })
  const single = query(baseUrl, 'users.me', undefined, who)
  await until('four calls to wait', () => (waiting === 4 ? true : undefined))
  const fifth = await timed(() => query(baseUrl, 'users.me', undefined, who))
  expectShed(fifth.answer)
  const origin = { origin: 'https://app.plinth.test' }
  const task = { projectId, title: 'T' }
  const refused = await mutate(baseUrl, 'tasks.create', task, { token: who.token, headers: origin })
  expectShed(refused)
  // Written past the edge, and yet as safe as what goes through it, and readable for the application.
  const usual = await send(`${baseUrl}/livez`, { headers: origin })
  for (const [name, value] of usual.headers) {
    if (KEPT_EQUAL.test(name)) expect([name, refused.headers.get(name)]).toEqual([name, value])
  }
  expectRefused(await send(`${baseUrl}/trpc/users.me`, { headers: { origin: 'https://evil.test' } }), 503)
  await expectAlive(baseUrl)
  // A batch that is refused as a whole is sent again by the client.
  const statuses: number[] = []
  const expiresAt = new Date(Date.now() + 600_000).toISOString()
  const client = createClient({
    baseUrl,
    tokens: memoryTokens({ accessToken: who.token, refreshToken: who.refreshToken, expiresAt }),
    async fetch(...request) {
      const response = await fetch(...request)
      statuses.push(response.status)
      return response
    },
  })
  const later = Promise.all(Array.from({ length: 3 }, () => client.users.me.query()))
  await until('the batch to be refused', () => (statuses.includes(503) ? true : undefined))
  gate.resolve()
  for (const answer of await Promise.all([batch, single])) expectOk(answer)
  for (const { id } of await later) expect(id).toBe(who.id)
  expectOk(await query(baseUrl, 'users.me', undefined, who))
  for (const stream of streams) stream[Symbol.dispose]()
})

test('a batch that is answered as lines keeps its places until it is whole', async () => {
  await using server = await startServer({ variables: { MAX_RUNNING_CALLS: '3' } })
  const { baseUrl, app } = server
  const who = await addPerson(server)
  const gate = Promise.withResolvers<void>()
  const { limiter } = app.runtime
  Object.assign(app.runtime, {
    limiter: {
      ...limiter,
      async take(...args: Parameters<typeof limiter.take>) {
        await gate.promise
        return await limiter.take(...args)
      },
    },
  })
  const headers = { authorization: `Bearer ${who.token}`, 'trpc-accept': 'application/jsonl' }
  // Its head comes at once, long before its calls are done.
  const lines = await fetch(`${baseUrl}/trpc/users.me,users.me,users.me?batch=1`, { headers })
  expect(lines.status).toBe(200)
  expectShed(await send(`${baseUrl}/trpc/users.me?batch=1`, { headers, signal: AbortSignal.timeout(5_000) }))
  gate.resolve()
  expect(await lines.text()).toContain(who.email)
  expectOk(await query(baseUrl, 'users.me', undefined, who))
})

test('uploads that come slowly take no place from the calls', async () => {
  await using server = await startServer({ variables: { MAX_RUNNING_CALLS: '2' } })
  const { baseUrl } = server
  const who = await addPerson(server)
  const { hostname, port } = new URL(baseUrl)
  const head = [
    'POST /trpc/files.upload HTTP/1.1',
    'Host: plinth.test',
    `Authorization: Bearer ${who.token}`,
    'Content-Type: multipart/form-data; boundary=b',
    'Content-Length: 1000',
    '',
    '--b\r\n',
  ].join('\r\n')
  const slow = Array.from({ length: 3 }, () => {
    const socket = connect(Number(port), hostname, () => socket.write(head))
    return socket.on('error', () => undefined)
  })
  try {
    await until('them', async () => ((await server.connections()) >= slow.length ? true : undefined))
    await until('all to be let in', () => (runningCalls() === slow.length ? true : undefined))
    expectOk(await query(baseUrl, 'users.me', undefined, who))
  } finally {
    for (const socket of slow) socket.destroy()
  }
})
