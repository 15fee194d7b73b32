import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk } from '../support/expect-clean.ts'
import { field, mutate, query } from '../support/http.ts'
import { liftLimits } from '../support/lift-limits.ts'
import { addPerson, type LogIn, logIn, newAddress, type Person, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openStream, type SseMessage, type SseStream } from '../support/sse.ts'
import { until } from '../support/until.ts'

let server: TestServer
let owner: Person & LogIn
let projectId: string
let number = 0

beforeAll(async () => {
  server = await startServer({
    variables: { TRUSTED_PROXIES: '127.0.0.1', MAX_STREAMS: '12', MAX_STREAMS_PER_ADDRESS: '8' },
  })
  // More streams are opened here than a user may in ten seconds.
  liftLimits(server)
  owner = await addPerson(server, 'owner')
  projectId = await newProject()
})
afterAll(() => server[Symbol.asyncDispose]())

async function newProject(): Promise<string> {
  number += 1
  const made = await mutate(
    server.baseUrl,
    'projects.create',
    { name: 'P', slug: `streams-${number}` },
    owner,
  )
  return textOf(expectOk(made), 'id')
}

const open = (
  as: LogIn,
  project = projectId,
  lastEventId?: string,
  address = newAddress(),
): Promise<SseStream> =>
  openStream(
    server.baseUrl,
    'tasks.onChange',
    { projectId: project },
    { token: as.token, headers: address, ...(lastEventId === undefined ? {} : { lastEventId }) },
  )
const make = async (title: string, project = projectId): Promise<void> => {
  expectOk(await mutate(server.baseUrl, 'tasks.create', { projectId: project, title }, owner))
}
const titles = (events: readonly SseMessage[]) =>
  events.map(({ data }) => field(field(data, 'task'), 'title'))
const refusal = (stream: SseStream) =>
  field(field(stream.messages.find(({ event }) => event === 'serialized-error')?.data, 'data'), 'httpStatus')

/** A stream that is known to listen: it has shown an event. */
async function listening(as: LogIn, project = projectId): Promise<SseStream> {
  const stream = await open(as, project)
  await until('the first event', async () => {
    if (stream.events().length > 0) return true
    await make('Listening?', project)
    return undefined
  })
  return stream
}

async function member(role = 'editor', project = projectId): Promise<Person & LogIn> {
  const person = await addPerson(server, 'member')
  expectOk(
    await mutate(
      server.baseUrl,
      'projects.members.add',
      { projectId: project, email: person.email, role },
      owner,
    ),
  )
  return person
}

const openSlots = () => server.app.runtime.streamSlots.open()
const settled = () => until('all places to be free', () => (openSlots() === 0 ? true : undefined))

describe('S1 streams are capped, and cheap to refuse', () => {
  test('a sixth of one user is 429 before it begins; a place comes back when one closes', async () => {
    await settled()
    const streams = await Promise.all(Array.from({ length: 5 }, () => open(owner)))
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const sixth = await open(owner)
    expect(sixth.status).toBe(429)
    await sixth.ended()
    expect(refusal(sixth)).toBe(429)
    streams[0]?.[Symbol.dispose]()
    await until('a place', () => (openSlots() === 4 ? true : undefined), 2_000)
    using next = await open(owner)
    expect(next.status).toBe(200)
    for (const stream of streams) stream[Symbol.dispose]()
  })

  test('a ninth of one address is 429, a thirteenth of the process 503', async () => {
    await settled()
    const people = await Promise.all([1, 2, 3].map(() => member('viewer')))
    const address = newAddress()
    const streams: SseStream[] = []
    for (let index = 0; index < 8; index += 1) {
      streams.push(await open(people[index % 2] ?? owner, projectId, undefined, address))
    }
    const ninth = await open(people[2] ?? owner, projectId, undefined, address)
    expect(ninth.status).toBe(429)
    for (let index = 0; index < 4; index += 1) streams.push(await open(people[2] ?? owner))
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200))
    const thirteenth = await open(owner)
    expect(thirteenth.status).toBe(503)
    expect(thirteenth.headers.get('retry-after')).toMatch(/^\d+$/)
    for (const stream of [...streams, ninth, thirteenth]) stream[Symbol.dispose]()
    await settled()
  })
})

describe('S2 lost rights close open streams', () => {
  const ways: readonly (readonly [string, (person: Person & LogIn, project: string) => Promise<unknown>])[] =
    [
      ['log-out', ({ token }) => mutate(server.baseUrl, 'auth.logout', undefined, { token })],
      [
        'log-out of everywhere',
        async ({ email }) => mutate(server.baseUrl, 'auth.logoutAll', undefined, await logIn(server, email)),
      ],
      [
        'suspension',
        async ({ id }) =>
          mutate(server.baseUrl, 'users.suspend', { id }, await addPerson(server, 'admin', 'admin')),
      ],
      [
        'removal from the project',
        ({ id }, project) =>
          mutate(server.baseUrl, 'projects.members.remove', { projectId: project, userId: id }, owner),
      ],
      [
        'deletion of the project',
        (_person, project) => mutate(server.baseUrl, 'projects.delete', { id: project }, owner),
      ],
      [
        'deletion of the account',
        (person) => mutate(server.baseUrl, 'users.delete', { id: person.id }, person),
      ],
    ]

  test.each(ways)(
    '%s: closed within five seconds, nothing delivered after, no way back in',
    async (_name, lose) => {
      const project = await newProject()
      const person = await member('editor', project)
      using stream = await listening(person, project)
      const last = stream.events().at(-1)?.id
      expectOk(await (lose(person, project) as ReturnType<typeof mutate>))
      // Whoever still may see it makes something happen right after.
      await mutate(server.baseUrl, 'tasks.create', { projectId: project, title: 'Not for you' }, owner)
      expect(await stream.ended(5_000)).toBeLessThan(5_000)
      expect(titles(stream.events())).not.toContain('Not for you')
      using again = await open(person, project, last)
      await again.ended()
      expect([401, 404]).toContain(refusal(again))
      expect(again.events()).toEqual([])
    },
  )

  test('a super admin who is demoted loses the streams of other people’s projects', async () => {
    const bypassing = await addPerson(server, 'root', 'super_admin')
    const other = await addPerson(server, 'root', 'super_admin')
    const headers = { 'x-plinth-bypass': 'Looking into a complaint' }
    const watch = () =>
      openStream(
        server.baseUrl,
        'tasks.onChange',
        { projectId },
        { token: bypassing.token, headers: { ...newAddress(), ...headers } },
      )
    using stream = await watch()
    expect(stream.status).toBe(200)
    expectOk(await mutate(server.baseUrl, 'users.setRole', { id: bypassing.id, role: 'user' }, other))
    await make('Not for them')
    await stream.ended(5_000)
    expect(titles(stream.events())).not.toContain('Not for them')
    using again = await watch()
    await again.ended()
    expect(refusal(again)).toBe(403)
  })

  test('an API key that is revoked closes its stream', async () => {
    const person = await member()
    const input = { name: 'Watch', scopes: ['tasks:read'] }
    const made = expectOk(await mutate(server.baseUrl, 'apiKeys.create', input, person), { tokens: true })
    using stream = await listening({ token: textOf(made, 'key'), refreshToken: '' })
    expectOk(await mutate(server.baseUrl, 'apiKeys.revoke', { id: textOf(made, 'id') }, person))
    await make('Not for that key')
    await stream.ended(5_000)
    expect(titles(stream.events())).not.toContain('Not for that key')
  })

  test('others’ streams go on', async () => {
    const [stays, goes] = [await member(), await member()]
    using stream = await listening(stays)
    using other = await listening(goes)
    expectOk(await mutate(server.baseUrl, 'auth.logout', undefined, goes))
    await other.ended(5_000)
    await make('Still here')
    await until('the event', () => (titles(stream.events()).includes('Still here') ? true : undefined))
    expect(stream.isOpen()).toBe(true)
  })
})

describe('S3 clients that go leave nothing behind', () => {
  test('two hundred streams opened and cut: every place comes back, and the server answers', async () => {
    await settled()
    for (let round = 0; round < 40; round += 1) {
      const streams = await Promise.all(Array.from({ length: 5 }, () => open(owner)))
      expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      for (const stream of streams) stream[Symbol.dispose]()
      await until('places', () => (openSlots() === 0 ? true : undefined))
      if (round % 10 === 9) expectOk(await query(server.baseUrl, 'users.me', undefined, owner))
    }
    await settled()
  }, 60_000)
})

describe('S4 a stream goes on where it stopped', () => {
  test('cut twenty times while tasks are made, every change comes once and in order', async () => {
    const project = await newProject()
    const total = 60
    let stream = await listening(owner, project)
    let last = stream.events().at(-1)?.id
    const seen: unknown[] = []
    const wanted = Array.from({ length: total }, (_, index) => `Change ${index}`)
    const writing = (async () => {
      for (const title of wanted) await make(title, project)
    })()
    for (let cut = 0; seen.length < total && cut < 200; cut += 1) {
      stream[Symbol.dispose]()
      stream = await open(owner, project, last)
      await stream.atLeast(Math.min(3, total - seen.length), 10_000)
      const events = stream.events()
      seen.push(...titles(events).filter((title) => title !== 'Listening?'))
      last = events.at(-1)?.id
    }
    stream[Symbol.dispose]()
    await writing
    expect(seen.slice(-total)).toEqual(wanted)
    await settled()
  }, 60_000)

  test('changes come once and in order when many are made at once', async () => {
    const project = await newProject()
    using stream = await listening(owner, project)
    const before = stream.events().length
    const tasks = Array.from({ length: 30 }, (_, index) => ({ title: `Bulk ${index}` }))
    await Promise.all([
      mutate(server.baseUrl, 'tasks.createMany', { projectId: project, tasks }, owner),
      ...Array.from({ length: 10 }, (_, index) => make(`Single ${index}`, project)),
    ])
    const events = (await stream.atLeast(before + 40)).slice(before)
    const ids = events.map(({ id }) => Number(id))
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(new Set(ids).size).toBe(40)
    expect(titles(events).filter((title) => String(title).startsWith('Bulk'))).toEqual(
      tasks.map(({ title }) => title),
    )
  })

  test.each(['-1', '999999999', '99999999999999999999', '1e3', 'x', "1'--", '0x1', ' ', '1.5', '١'])(
    'the made-up id %j is refused or shows nothing',
    async (id) => {
      using stream = await openStream(
        server.baseUrl,
        'tasks.onChange',
        { projectId },
        { token: owner.token, headers: newAddress(), search: `&lastEventId=${encodeURIComponent(id)}` },
      )
      await stream.ended()
      expect(refusal(stream)).toBe(400)
      expect(stream.events()).toEqual([])
    },
  )

  test('an id of another project’s stream gives only this project’s changes', async () => {
    const [mine, other] = [await newProject(), await newProject()]
    for (let index = 0; index < 3; index += 1) await make(`Other ${index}`, other)
    await make('Mine 0', mine)
    await make('Mine 1', mine)
    using stream = await open(owner, mine, '1')
    expect(titles(await stream.atLeast(1))).toEqual(['Mine 1'])
    expect(stream.events().every(({ id }) => /^\d{1,18}$/.test(id ?? ''))).toBe(true)
  })
})

describe('T14 no credential in a URL', () => {
  test.each(['connectionParams', 'access_token', 'token', 'authorization', 'api_key'])(
    'one in ?%s= opens nothing',
    async (name) => {
      const value =
        name === 'connectionParams'
          ? JSON.stringify({ token: owner.token, authorization: owner.token })
          : owner.token
      const search = `&${name}=${encodeURIComponent(value)}`
      using stream = await openStream(server.baseUrl, 'tasks.onChange', { projectId }, { search })
      expect(stream.status).toBe(401)
      const answer = await fetch(`${server.baseUrl}/trpc/users.me?${search.slice(1)}`)
      expect(answer.status).toBe(401)
      await answer.body?.cancel()
    },
  )
})
