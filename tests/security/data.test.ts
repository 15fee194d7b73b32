import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKind } from '../support/database.ts'
import { expectClean, expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, mutate, query, send } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, textOf } from '../support/people.ts'
import { startServer } from '../support/server.ts'
import { timed, until } from '../support/until.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

const editor = () => ({ token: world.principals.editor.token })
const call = (path: string, input: unknown) => mutate(world.server.baseUrl, path, input, editor())
const list = (input: object) => query(world.server.baseUrl, 'tasks.list', input, editor())
const titles = (answer: Answer) => {
  const data = field(answer.data, 'data')
  return Array.isArray(data) ? data.map((task) => String(field(task, 'title'))) : []
}

describe('D2 a missing filter never means all of them', () => {
  test.each([
    ['tasks.delete', {}],
    ['tasks.delete', { id: null }],
    ['tasks.update', { data: { title: 'All of them' } }],
    ['tasks.update', { id: [], data: { title: 'All of them' } }],
    ['projects.delete', {}],
    ['projects.members.remove', { userId: null }],
    ['tasks.createMany', { tasks: [] }],
    ['auth.sessions.revoke', {}],
    ['apiKeys.revoke', { id: undefined }],
    ['users.delete', {}],
  ])('%s %j changes nothing', async (path, input) => {
    const answer = await expectNoEffect(world.server.database, () =>
      mutate(world.server.baseUrl, path, input, { token: world.principals.owner.token }),
    )
    expectRefused(answer, 400)
  })
})

describe('D4 lists are bounded and wildcards are text', () => {
  test.each([
    ['limit', [0, -1, 1.5, 101, 1e18, '20', null]],
    ['page', [0, -1, 1.5, 10_001, 2 ** 31, '1']],
    ['cursor', ['garbage', '', 'x'.repeat(501), 'AAAA', '../..', '%00', 1, {}]],
    ['sort', ['title; DROP TABLE tasks', 'passwordHash', '-', '--title', 'project.createdBy.email', {}]],
    ['search', ['x'.repeat(201), {}, []]],
  ])('%s out of bounds is refused by name', async (name, values) => {
    for (const value of values) {
      const answer = await list({ projectId: world.alpha.projectId, [name]: value })
      expect(expectRefused(answer, 400).error?.issues[0]?.field, JSON.stringify(value)).toBe(name)
    }
  })

  test('a page has at most a hundred rows, and the last page is empty', async () => {
    const { projectId } = await world.project()
    const tasks = Array.from({ length: 150 }, (_, index) => ({ title: `Number ${index}` }))
    expectOk(await call('tasks.createMany', { projectId, tasks }), { large: true })
    expect(titles(expectOk(await list({ projectId, limit: 100 }), { large: true }))).toHaveLength(100)
    expect(titles(expectOk(await list({ projectId, limit: 100, page: 10_000 })))).toEqual([])
  })

  test('percent, underscore and backslash find only themselves', async () => {
    const { projectId } = await world.project()
    const made = ['100% sure', 'snake_case', 'back\\slash', 'plain', "it's", '"quoted"', '%%', '\\%']
    expectOk(await call('tasks.createMany', { projectId, tasks: made.map((title) => ({ title })) }))
    for (const search of ['%', '_', '\\', '%%', '\\%', "'", '"', '% s', 'e_c', 'k\\s', '_%']) {
      const found = titles(expectOk(await list({ projectId, search })))
      expect(found.sort(), search).toEqual(made.filter((title) => title.includes(search)).sort())
    }
    const longest = '%_'.repeat(100)
    expect(titles(expectOk(await list({ projectId, search: longest })))).toEqual([])
  })
})

describe('D5 no edit is lost', () => {
  test('of two editors who saw the same version one is told so', async () => {
    const { taskId } = await world.project()
    const edits = ['first', 'second', 'third', 'fourth', 'fifth'].map((title) =>
      call('tasks.update', { id: taskId, data: { title }, version: 1 }),
    )
    const answers = await Promise.all(edits)
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(expectRefused(answer, 409).error?.reason).toBe('VERSION_CONFLICT')
    }
    const now = expectOk(await query(world.server.baseUrl, 'tasks.get', { id: taskId }, editor()))
    expect(now.data).toMatchObject({ version: 2, title: field(won[0]?.data, 'title') })
  })

  test('of fifty updates at once every one counts', async () => {
    const { taskId } = await world.project()
    const edits = Array.from({ length: 50 }, (_, index) =>
      call('tasks.update', { id: taskId, data: { description: `Edit ${index}` } }),
    )
    for (const answer of await Promise.all(edits)) expectOk(answer)
    const now = expectOk(await query(world.server.baseUrl, 'tasks.get', { id: taskId }, editor()))
    expect(field(now.data, 'version')).toBe(51)
  })
})

describe('D6 conflicts are tried again, then say so, and are never a 500', () => {
  test('one slug, twenty at once: one project, nineteen clear refusals without a column’s name', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call('projects.create', { name: 'Same', slug: 'one-and-the-same' })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(expectRefused(answer, 409).error?.reason).toBe('SLUG_TAKEN')
      expect(answer.text).not.toMatch(/constraint|duplicate key|_key\b|unique/i)
    }
  })

  test('updates, deletions, restorations and members of one project in one storm: no 500, one owner at least', async () => {
    const { projectId, taskId } = await world.project()
    const { owner, stranger } = world.principals
    const asOwner = { token: owner.token }
    const { baseUrl } = world.server
    const storm = Array.from({ length: 60 }, (_, index) => {
      const kinds = [
        () => call('tasks.update', { id: taskId, data: { priority: index % 5 } }),
        () => call('tasks.delete', { id: taskId }),
        () => call('tasks.restore', { id: taskId }),
        () => mutate(baseUrl, 'projects.update', { id: projectId, data: { name: `N ${index}` } }, asOwner),
        () =>
          mutate(
            baseUrl,
            'projects.members.add',
            { projectId, email: stranger.email, role: 'editor' },
            asOwner,
          ),
        () => mutate(baseUrl, 'projects.members.remove', { projectId, userId: stranger.id }, asOwner),
      ]
      return kinds[index % kinds.length]?.()
    })
    for (const answer of await Promise.all(storm)) {
      if (answer === undefined) continue
      expectClean(answer)
      expect([200, 403, 404, 409, 503], answer.text.slice(0, 300)).toContain(answer.status)
    }
    const owners = await world.server.database.prisma.projectMember.count({
      where: { projectId, role: 'owner' },
    })
    expect(owners).toBeGreaterThan(0)
  })
})

describe('D7 a full pool refuses quickly', () => {
  test('while every connection is held calls are 503 soon, liveness is fine, and all is well at once after', async () => {
    await using server = await startServer()
    const person = await addPerson(server)
    const made = await mutate(server.baseUrl, 'projects.create', { name: 'P', slug: 'pool' }, person)
    const projectId = textOf(expectOk(made), 'id')
    const read = () => query(server.baseUrl, 'tasks.list', { projectId }, person)
    expectOk(await read())
    const { pool } = server.database
    // The pool of tests waits ten seconds; a server waits two.
    Object.assign(pool.options, { connectionTimeoutMillis: 500 })
    const held = await Promise.all(Array.from({ length: pool.options.max ?? 10 }, () => pool.connect()))
    try {
      const waiting = Array.from({ length: 10 }, () => timed(read))
      const alive = await timed(() => send(`${server.baseUrl}/livez`))
      expect(alive.answer.status).toBe(200)
      for (const { answer, ms } of await Promise.all(waiting)) {
        expectRefused(answer, 503)
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
        expect(ms).toBeLessThan(3_000)
      }
      const write = await mutate(server.baseUrl, 'tasks.create', { projectId, title: 'T' }, person)
      expectRefused(write, 503)
    } finally {
      for (const client of held) client.release()
    }
    await until('calls to be answered', async () => ((await read()).status === 200 ? true : undefined), 1_000)
  })

  test('on either database', () => {
    expect(world.server.database.kind).toBe(databaseKind())
  })
})
