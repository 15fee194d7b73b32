import { createClient, isPlinthError } from '@plinth/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSweeper } from '../../../server/src/platform/database/index.ts'
import { retention } from '../../../server/src/retention.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { addPerson, type LogIn, PASSWORD, type Person } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { openStream } from '../../support/sse.ts'
import { until } from '../../support/until.ts'

let server: TestServer
let owner: Person & LogIn

beforeAll(async () => {
  server = await startServer({ variables: { STREAM_MAX_AGE_SECONDS: '2' } })
  liftLimits(server)
  owner = await addPerson(server, 'owner')
})
afterAll(() => server[Symbol.asyncDispose]())

async function ownClient() {
  const client = createClient({ baseUrl: server.baseUrl, retry: { attempts: 50, baseDelayMs: 20 } })
  await client.auth.login.mutate({ email: owner.email, password: PASSWORD })
  const { id: projectId } = await client.projects.create.mutate({
    name: 'P',
    slug: `p-${crypto.randomUUID()}`,
  })
  return { client, projectId }
}

test('a stream ends at its maximum age, without saying that there is no more to come', async () => {
  const { projectId } = await ownClient()
  using stream = await openStream(server.baseUrl, 'tasks.onChange', { projectId }, { token: owner.token })
  expect(await stream.ended(8_000)).toBeGreaterThan(500)
  expect(stream.messages.map(({ event }) => event)).toEqual(['connected'])
  await until('the place', () => (server.app.runtime.streamSlots.open() === 0 ? true : undefined), 1_000)
})

test('a client of the SDK lives through several of them: every change once, in order', async () => {
  const { client, projectId } = await ownClient()
  const ids: string[] = []
  let connections = 0
  const close = client.tasks.onChange.subscribe(
    { projectId },
    {
      lastEventId: '0',
      onData: ({ id }) => ids.push(id),
      onStarted() {
        connections += 1
      },
    },
  )
  let made = 0
  await until(
    'the fourth connection',
    async () => {
      await client.tasks.create.mutate({ projectId, title: `Task ${made}` })
      made += 1
      return connections >= 4 ? true : undefined
    },
    25_000,
  )
  await until('all of it', () => (ids.length >= made ? true : undefined))
  close()
  expect(ids).toEqual(Array.from({ length: made }, (_, index) => String(index + 1)))
})

test('who comes back after the events were swept is told to read the list again', async () => {
  const { client, projectId } = await ownClient()
  await client.tasks.createMany.mutate({ projectId, tasks: [{ title: 'a' }, { title: 'b' }, { title: 'c' }] })
  const { prisma } = server.database
  const stream = `project:${projectId}:tasks`
  const longAgo = new Date(Date.now() - 8 * 86_400_000)
  await prisma.event.updateMany({ where: { stream, id: { lte: 2n } }, data: { createdAt: longAgo } })
  const sweeper = createSweeper(server.database, retention, server.app.logger)
  expect(await sweeper.sweep()).toBe(2)
  const error: unknown = await client.tasks.onChange
    .subscribe({ projectId }, { lastEventId: '1' })
    .next()
    .catch((thrown: unknown) => thrown)
  expect(client.tasks.onChange.isError(error) && error.reason).toBe('RESUME_TOO_OLD')
  expect(isPlinthError(error) && error.message).toContain('read the list again')
  for await (const { id } of client.tasks.onChange.subscribe({ projectId }, { lastEventId: '2' })) {
    expect(id).toBe('3')
    break
  }
})
