import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addPerson } from '../../support/people.ts'
import { expectDone, expectProblem, type RestOptions, rest, text } from '../../support/rest.ts'
import { startServer } from '../../support/server.ts'
import { openEventStream, openStream, type SseOptions } from '../../support/sse.ts'
import { until } from '../../support/until.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
let base: string
let token: string | undefined

beforeAll(async () => {
  world = await createWorld()
  base = world.server.baseUrl
  token = world.principals.owner.token
})
afterAll(() => world[Symbol.asyncDispose]())

const call = (operation: string, options: RestOptions = {}) => rest(base, operation, { token, ...options })
const openRestStream = (baseUrl: string, path: string, { search = '', ...options }: SseOptions = {}) =>
  openEventStream(`${baseUrl}/api/v1${path}${search}`, options)
const add = (projectId: string, title: string) =>
  call(`POST /projects/${projectId}/tasks`, { json: { title } })

test('events have an id and data, and come after what opens the stream', async () => {
  const { projectId } = await world.project()
  using stream = await openRestStream(base, `/projects/${projectId}/tasks/changes`, { token })
  expect(stream.status).toBe(200)
  expect(stream.headers.get('content-type')).toBe('text/event-stream')
  expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform')
  const position = stream.headers.get('x-stream-position')
  const made = expectDone(await add(projectId, 'Streamed'), 201)
  const [event] = await stream.atLeast(1)
  expect(event?.data).toEqual({ type: 'task.created', task: made.body })
  expect(event?.id).toMatch(/^[\x21-\x7e]+$/)
  expect(stream.messages[0]).toEqual({ event: 'none', id: position, data: undefined })
})

test('a stream goes on after the event that was seen last, by header or query', async () => {
  const { projectId } = await world.project()
  const path = `/projects/${projectId}/tasks/changes`
  using first = await openRestStream(base, path, { token })
  const position = first.headers.get('x-stream-position') ?? ''
  for (const title of ['One', 'Two', 'Three']) expectDone(await add(projectId, title), 201)
  const ids = (await first.atLeast(3)).map(({ id }) => id ?? '')

  using byHeader = await openRestStream(base, path, { token, lastEventId: ids[0] ?? '' })
  expect((await byHeader.atLeast(2)).map(({ id }) => id)).toEqual(ids.slice(1))
  using byQuery = await openRestStream(base, path, { token, search: `?lastEventId=${ids[1] ?? ''}` })
  expect((await byQuery.atLeast(1)).map(({ id }) => id)).toEqual(ids.slice(2))
  using both = await openRestStream(base, path, {
    token,
    lastEventId: ids[1] ?? '',
    search: `?lastEventId=${position}`,
  })
  expect((await both.atLeast(1)).map(({ id }) => id)).toEqual(ids.slice(2))
  // The ids are those of the other surface, too.
  using over = await openStream(base, 'tasks.onChange', { projectId }, { token, lastEventId: ids[0] ?? '' })
  expect((await over.atLeast(2)).map(({ id, data }) => [id, data])).toEqual(
    byHeader.events().map(({ id, data }) => [id, data]),
  )
})

test('what has no more to say ends with an event that says so', async () => {
  const queued = expectDone(await call(`POST /projects/${world.alpha.projectId}/reports`), 202)
  using stream = await openRestStream(base, `/jobs/${String(text(queued, 'jobId'))}/progress`, { token })
  await stream.ended(20_000)
  expect(stream.messages.at(-1)).toEqual({ event: 'end', id: undefined, data: {} })
})

test('a stream ends with the problem when its caller may not go on', async () => {
  const { token: own } = await addPerson(world.server)
  using stream = await openRestStream(base, '/notifications/stream', { token: own })
  expect(stream.status).toBe(200)
  expectDone(await rest(base, 'POST /auth/logout', { token: own }), 204)
  await stream.ended()
  expect(stream.messages.at(-1)).toMatchObject({
    event: 'error',
    data: { type: 'urn:plinth:error:UNAUTHORIZED', status: 401, code: 'UNAUTHORIZED', issues: [] },
  })
})

describe('a server that is short of time or leaves', () => {
  test('ends streams without a last word, so that their clients come back', async () => {
    await using short = await startServer({ variables: { STREAM_MAX_AGE_SECONDS: '1' } })
    const who = await addPerson(short)
    using old = await openRestStream(short.baseUrl, '/notifications/stream', { token: who.token })
    await old.ended(10_000)
    expect(old.messages.map(({ event }) => event)).toEqual(['none'])
  })

  test('ends streams when it stops', async () => {
    const leaving = await startServer()
    const who = await addPerson(leaving)
    using stream = await openRestStream(leaving.baseUrl, '/notifications/stream', { token: who.token })
    await leaving[Symbol.asyncDispose]()
    await stream.ended()
    expect(stream.messages.map(({ event }) => event)).toEqual(['none'])
  })

  test('gives one user so many streams and no more', async () => {
    const { token: own } = await addPerson(world.server)
    const open = () => openRestStream(base, '/notifications/stream', { token: own })
    const streams = await Promise.all(Array.from({ length: 5 }, open))
    try {
      expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      const refused = await rest(base, 'GET /notifications/stream', { token: own })
      expectProblem(refused, 429, { code: 'TOO_MANY_REQUESTS', retryable: true })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      for (const stream of streams) stream[Symbol.dispose]()
    }
  })
})

describe('refused streams are problems', () => {
  test.each([
    ['a stranger', 'stranger', {}, 404],
    ['nobody', 'anonymous', {}, 401],
    ['a key without the scope', 'narrowKey', {}, 200],
    ['a made-up id', 'owner', { lastEventId: 'not an id' }, 400],
    ['a made-up id in the query', 'owner', { search: '?lastEventId=%0A' }, 400],
    ['a field that is not there', 'owner', { search: '?input={}' }, 400],
  ] as const)('%s', async (_what, name, options, status) => {
    const who = world.principals[name].token
    using stream = await openRestStream(base, `/projects/${world.alpha.projectId}/tasks/changes`, {
      token: who,
      ...options,
    })
    expect(stream.status).toBe(status)
    if (status === 200) return
    expect(stream.headers.get('content-type')).toBe('application/problem+json')
    await until('the answer to end', () => (stream.isOpen() ? undefined : true))
  })

  test('the field is named as it was sent', async () => {
    const path = `GET /projects/${world.alpha.projectId}/tasks/changes?lastEventId=x%20y`
    expectProblem(await call(path), 400, { issues: [{ field: 'lastEventId' }] })
    expectProblem(await call(`GET /jobs/${randomUUID()}/progress`), 404)
  })

  test('a stream has no head, and is called in one way', async () => {
    const path = `/projects/${world.alpha.projectId}/tasks/changes`
    const head = await call(`HEAD ${path}`)
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET'])
    expect(expectProblem(await call(`POST ${path}`), 405).headers.get('allow')).toBe('GET')
  })
})
