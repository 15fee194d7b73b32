import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseKind } from '../../support/database.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { type Answer, field, mutate, query } from '../../support/http.ts'
import { addPerson, type LogIn, newAddress, type Person, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

type User = Person & LogIn

let server: TestServer
/** The same server, or on Postgres another process beside it. */
let other: TestServer
beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: 'loopback' } })
  other = databaseKind() === 'postgres' ? await startServer({ beside: server }) : server
})
afterAll(async () => {
  if (other !== server) await other[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const statsOf = (who: User, on = server): Promise<Answer> =>
  query(on.baseUrl, 'users.stats', { id: who.id }, who)

function roundTrips(answer: Answer): number {
  return Number(/db;desc="(\d+) round trips"/.exec(answer.headers.get('server-timing') ?? '')?.[1])
}

async function call(who: User, path: string, input: unknown, on = server): Promise<Answer> {
  return expectOk(await mutate(on.baseUrl, path, input, { token: who.token, headers: newAddress() }))
}

/** Projects, tasks created, assigned, done: at once here, a moment later in the other process. */
async function expectStats(who: User, wanted: readonly [number, number, number, number]): Promise<void> {
  const [projects, tasksCreated, tasksAssigned, tasksDone] = wanted
  const stats = { projects, tasksCreated, tasksAssigned, tasksDone }
  expect(expectOk(await statsOf(who)).data).toEqual(stats)
  await until(
    `the other process to say ${JSON.stringify(stats)}`,
    async () => {
      const { data } = expectOk(await statsOf(who, other))
      return JSON.stringify(data) === JSON.stringify(stats) ? true : undefined
    },
    2_000,
  )
}

test('the second call asks no database, until something changes', async () => {
  const who = await addPerson(server)
  expectOk(await query(server.baseUrl, 'users.me', undefined, who))
  expect(roundTrips(expectOk(await statsOf(who)))).toBe(1)
  expect(roundTrips(expectOk(await statsOf(who)))).toBe(0)
  await call(who, 'projects.create', { name: 'P', slug: `p-${who.id}` })
  const after = expectOk(await statsOf(who))
  expect(roundTrips(after)).toBe(1)
  expect(field(after.data, 'projects')).toBe(1)
})

test('what is kept is given to nobody who may not see it', async () => {
  const [who, stranger] = [await addPerson(server), await addPerson(server)]
  expectOk(await statsOf(who))
  expectRefused(await query(server.baseUrl, 'users.stats', { id: who.id }, stranger), 404)
})

test('every change of somebody’s work shows at once, in all processes', async () => {
  const [owner, member] = [await addPerson(server, 'owner'), await addPerson(server, 'member')]
  const expectBoth = async (
    ofOwner: Parameters<typeof expectStats>[1],
    ofMember: Parameters<typeof expectStats>[1],
  ) => {
    await expectStats(owner, ofOwner)
    await expectStats(member, ofMember)
  }
  await expectBoth([0, 0, 0, 0], [0, 0, 0, 0])
  const made = await call(owner, 'projects.create', { name: 'P', slug: `p-${owner.id}` })
  const projectId = textOf(made, 'id')
  await expectBoth([1, 0, 0, 0], [0, 0, 0, 0])
  await call(owner, 'projects.members.add', { projectId, email: member.email, role: 'editor' })
  await expectBoth([1, 0, 0, 0], [1, 0, 0, 0])
  const id = textOf(await call(owner, 'tasks.create', { projectId, title: 'T', assigneeId: member.id }), 'id')
  await expectBoth([1, 1, 0, 0], [1, 0, 1, 0])
  await call(member, 'tasks.update', { id, data: { status: 'done' } })
  await expectBoth([1, 1, 0, 0], [1, 0, 1, 1])
  await call(owner, 'tasks.update', { id, data: { assigneeId: owner.id } }, other)
  await until('this process to have heard', async () =>
    field((await statsOf(member)).data, 'tasksAssigned') === 0 ? true : undefined,
  )
  await expectBoth([1, 1, 1, 1], [1, 0, 0, 0])
  await call(owner, 'tasks.delete', { id })
  await expectBoth([1, 0, 0, 0], [1, 0, 0, 0])
  await call(owner, 'tasks.restore', { id })
  await expectBoth([1, 1, 1, 1], [1, 0, 0, 0])
  const tasks = [{ title: 'A', assigneeId: owner.id }, { title: 'B', assigneeId: member.id }, { title: 'C' }]
  await call(member, 'tasks.createMany', { projectId, tasks })
  await expectBoth([1, 1, 2, 1], [1, 3, 1, 0])
  await call(owner, 'projects.members.remove', { projectId, userId: member.id })
  await expectBoth([1, 1, 2, 1], [0, 3, 1, 0])
  await call(owner, 'projects.delete', { id: projectId })
  await expectBoth([0, 0, 0, 0], [0, 0, 0, 0])
  await call(owner, 'projects.restore', { id: projectId })
  await expectBoth([1, 1, 2, 1], [0, 3, 1, 0])
  await call(owner, 'projects.delete', { id: projectId })
  await call(owner, 'users.delete', { id: owner.id })
  const root = await addPerson(server, 'root', 'admin')
  expectRefused(await query(server.baseUrl, 'users.stats', { id: owner.id }, root), 404)
})

test('of two who take a task to somebody at once, nobody keeps what they lost', async () => {
  const people = [await addPerson(server), await addPerson(server), await addPerson(server)]
  const [owner, ...rest] = people
  if (owner === undefined) throw new Error('Nobody was made')
  const made = await call(owner, 'projects.create', { name: 'P', slug: `q-${owner.id}` })
  const projectId = textOf(made, 'id')
  for (const { email } of rest)
    await call(owner, 'projects.members.add', { projectId, email, role: 'editor' })
  const id = textOf(await call(owner, 'tasks.create', { projectId, title: 'T' }), 'id')
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      people.map((who, index) =>
        call(owner, 'tasks.update', { id, data: { assigneeId: who.id } }, index % 2 === 0 ? server : other),
      ),
    )
    await until('one to have it', async () => {
      const stats = await Promise.all(
        people.map(async (who) => field((await statsOf(who)).data, 'tasksAssigned')),
      )
      return stats.reduce((sum: number, each) => sum + Number(each), 0) === 1 ? true : undefined
    })
  }
})
