import { type Client, createClient, type TaskChange } from '@plinth/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSite, type Site } from '../support/server-process.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const ACCOUNT = { email: 'streams@example.com', password: 'nine barrels of dry cider' }
const LIMIT_MS = 30_000

let site: Site
let client: Client
let projectId: string

beforeAll(async () => {
  site = await openSite()
  client = createClient({
    baseUrl: site.baseUrl,
    timeoutMs: LIMIT_MS,
    retry: { attempts: 100, maxDelayMs: 500 },
  })
  await client.auth.register.mutate({ ...ACCOUNT, fullName: 'Sten' })
})

afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
})

test('a subscription goes on across a killed server: every event once, in order', async () => {
  await newProject('killed')
  const stream = listen()
  await stream.opened(1)
  await createTasks('before', 5)
  await stream.received(5)

  await site.current().stop('SIGKILL')
  const meanwhile = createTasks('meanwhile', 5)
  await site.start()
  await meanwhile
  await createTasks('after', 5)
  await stream.received(15)
  stream.close()

  expect(stream.titles()).toEqual([...names('before', 5), ...names('meanwhile', 5), ...names('after', 5)])
  expect(stream.ids()).toEqual(Array.from({ length: 15 }, (_, index) => String(index + 1)))
  expect(stream.connections()).toBeGreaterThan(1)
})

test('a subscription goes on across a server that is stopped in order', async () => {
  await newProject('stopped')
  const stream = listen()
  await stream.opened(1)
  await createTasks('before', 2)
  await stream.received(2)
  expect(await site.current().stop('SIGTERM')).toEqual({ code: 0, signal: null })
  await site.start()
  await createTasks('after', 2)
  await stream.received(4)
  stream.close()
  expect(stream.ids()).toEqual(['1', '2', '3', '4'])
})

test('a subscription goes on when its connection is cut again and again', async () => {
  await newProject('cut')
  await using wire = await startProxy(site.port)
  const behindWire = createClient({
    baseUrl: wire.baseUrl,
    retry: { attempts: 100, baseDelayMs: 20, maxDelayMs: 100 },
  })
  await behindWire.auth.login.mutate(ACCOUNT)
  const stream = listen(behindWire)
  for (const round of [1, 2, 3, 4]) {
    await stream.opened(round)
    await createTasks(`round ${round}`, 3)
    await stream.received(round * 3)
    wire.cutAll()
  }
  stream.close()
  expect(stream.ids()).toEqual(Array.from({ length: 12 }, (_, index) => String(index + 1)))
})

test('for await reads events from any place on, and leaving the loop disconnects', async () => {
  await newProject('loop')
  await createTasks('row', 4)
  const seen: string[] = []
  for await (const { id, data } of client.tasks.onChange.subscribe({ projectId }, { lastEventId: '1' })) {
    seen.push(`${id} ${data.task.title}`)
    if (seen.length === 3) break
  }
  expect(seen).toEqual(['2 row 2', '3 row 3', '4 row 4'])
})

test('an abort ends the loop without an error', async () => {
  await newProject('abort')
  await createTasks('row', 1)
  const controller = new AbortController()
  const seen: TaskChange[] = []
  const { signal } = controller
  for await (const { data } of client.tasks.onChange.subscribe({ projectId }, { lastEventId: '0', signal })) {
    seen.push(data)
    controller.abort()
  }
  expect(seen.map((change) => change.type)).toEqual(['task.created'])
})

test('a stranger gets one error and no event', async () => {
  await newProject('private')
  const stranger = createClient({ baseUrl: site.baseUrl })
  await stranger.auth.register.mutate({
    email: 'stranger@example.com',
    password: ACCOUNT.password,
    fullName: 'S',
  })
  const events: unknown[] = []
  const error = await new Promise((resolve) => {
    stranger.tasks.onChange.subscribe(
      { projectId },
      { onData: (event) => events.push(event), onError: resolve },
    )
  })
  expect(error).toMatchObject({ code: 'NOT_FOUND', path: 'tasks.onChange' })
  expect(events).toEqual([])
})

test('an id that is no event of the stream is refused by name', async () => {
  await newProject('ids')
  const loop = client.tasks.onChange.subscribe({ projectId }, { lastEventId: '99' })
  await expect(loop.next()).rejects.toMatchObject({ code: 'BAD_REQUEST', issues: [{ field: 'lastEventId' }] })
})

async function newProject(slug: string): Promise<void> {
  const project = await client.projects.create.mutate({ name: slug, slug })
  projectId = project.id
}

function names(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index + 1}`)
}

async function createTasks(name: string, count: number): Promise<void> {
  for (const title of names(name, count)) await client.tasks.create.mutate({ projectId, title })
}

function listen(through: Client = client) {
  const events: { id: string; data: TaskChange }[] = []
  const errors: unknown[] = []
  let connections = 0
  const close = through.tasks.onChange.subscribe(
    { projectId },
    {
      lastEventId: '0',
      onData: (event) => events.push(event),
      onError: (error) => errors.push(error),
      onStarted() {
        connections += 1
      },
    },
  )
  const reached = (what: string, enough: () => boolean) =>
    until(
      what,
      () => {
        expect(errors).toEqual([])
        return enough() || undefined
      },
      LIMIT_MS,
    )
  return {
    close,
    connections: () => connections,
    ids: () => events.map(({ id }) => id),
    titles: () => events.map(({ data }) => data.task.title),
    opened: (count: number) => reached(`${count} connections`, () => connections >= count),
    received: (count: number) => reached(`${count} events`, () => events.length >= count),
  }
}
