import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { retention } from '../../../server/src/retention.ts'
import { examples } from '../../support/examples/index.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { type Answer, field, mutate, query } from '../../support/http.ts'
import { addPerson, newAddress, PASSWORD, textOf, tryLogIn } from '../../support/people.ts'
import { weakestAllowed } from '../../support/principals.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

const admin = () => ({ token: world.principals.admin.token, headers: newAddress() })
const ask = (input: object) => query(world.server.baseUrl, 'audit.list', input, admin())
const rowsOf = (answer: Answer): unknown[] => [field(expectOk(answer, { large: true }).data, 'data')].flat()
const rows = async (input: object) => rowsOf(await ask(input))

describe('audit.list', () => {
  test('says who did what to what, with what, from where', async () => {
    const { server, principals } = world
    const { projectId, taskId } = await world.project()
    const headers: Record<string, string> = { ...newAddress(), 'x-request-id': `find-${randomUUID()}` }
    const change = { id: taskId, data: { title: 'Changed' } }
    expectOk(
      await mutate(server.baseUrl, 'tasks.update', change, { token: principals.editor.token, headers }),
    )
    const [row, ...others] = await rows({ targetId: taskId })
    expect(others).toEqual([])
    expect(row).toEqual({
      id: expect.any(String),
      actorId: principals.editor.id,
      actorEmail: principals.editor.email,
      actorVia: expect.stringMatching(/^session:[\da-f-]{36}$/),
      surface: 'trpc',
      action: 'tasks.update',
      targetType: 'task',
      targetId: taskId,
      changes: { title: 'Changed' },
      traceId: headers['x-request-id'],
      ip: headers['x-forwarded-for'],
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    const key = await mutate(
      server.baseUrl,
      'apiKeys.create',
      { name: 'k', scopes: ['tasks:write'] },
      { token: principals.editor.token, headers: newAddress() },
    )
    const byKey = { projectId, title: 'By key' }
    const task = await mutate(server.baseUrl, 'tasks.create', byKey, { token: textOf(key, 'key') })
    const [made] = await rows({ targetId: textOf(expectOk(task), 'id') })
    expect(made).toMatchObject({ actorVia: `apiKey:${textOf(key, 'id')}`, action: 'tasks.create' })
  })

  test('filters, and pages by cursor and by number, newest first', async () => {
    const { server } = world
    const person = await addPerson(server)
    const mine = { actorId: person.id }
    for (const name of ['a', 'b', 'c']) {
      const input = { id: person.id, data: { fullName: name } }
      expectOk(await mutate(server.baseUrl, 'users.update', input, { token: person.token }))
    }
    const names = (found: unknown[]) => found.map((row) => field(field(row, 'changes'), 'fullName'))
    const all = await rows(mine)
    expect(names(all)).toEqual(['c', 'b', 'a'])
    const first = await ask({ ...mine, limit: 2 })
    expect(names(rowsOf(first))).toEqual(['c', 'b'])
    const cursor = textOf(first, 'pagination', 'nextCursor')
    expect(names(await rows({ ...mine, limit: 2, cursor }))).toEqual(['a'])
    expectRefused(await ask({ actorId: randomUUID(), limit: 2, cursor }), 400)
    const second = await ask({ ...mine, limit: 2, page: 2 })
    expect(names(rowsOf(second))).toEqual(['a'])
    expect(second.data).toMatchObject({ pagination: { total: 3, hasNext: false } })
    expect((await ask({ ...mine, page: 3 })).data).toMatchObject({ data: [], pagination: { total: 3 } })
    const at = textOf(all[0], 'createdAt')
    const from = await rows({ ...mine, from: at })
    const until = await rows({ ...mine, to: at })
    expect(names(from)).toContain('c')
    expect([...names(from), ...names(until)]).toEqual(['c', 'b', 'a'])
    expect(await rows({ ...mine, action: 'users.setRole' })).toEqual([])
    expect(await rows({ ...mine, action: 'users.update' })).toHaveLength(3)
  })

  test('keeps failed log-ins, without what was typed', async () => {
    const { server } = world
    const { id, email } = await addPerson(server)
    await tryLogIn(server, email, 'Wr0ng granite lamp 55')
    const [failed] = await rows({ targetId: id, action: 'auth.loginFailed' })
    expect(failed).toMatchObject({
      actorId: null,
      actorVia: 'anonymous',
      changes: null,
      ip: expect.any(String),
    })
    expect(JSON.stringify(failed)).not.toContain('granite')
  })

  test('shows forged lines as the text they are', async () => {
    const { server } = world
    const person = await addPerson(server)
    const fullName = 'x\n{"level":"admin"}\u001b[31m'
    const input = { id: person.id, data: { fullName } }
    expectOk(await mutate(server.baseUrl, 'users.update', input, { token: person.token }))
    const answer = await ask({ actorId: person.id })
    expect(answer.text).not.toMatch(/\p{Cc}/u)
    expect(rowsOf(answer)[0]).toMatchObject({ changes: { fullName } })
  })
})

describe('the trail', () => {
  test('has a row of every mutation, which holds no secret', async () => {
    const { server } = world
    const missing: string[] = []
    const mutations = registryOf(server.app.router).filter(({ kind }) => kind === 'mutation')
    expect(mutations.length).toBeGreaterThan(20)
    for (const { path, policy } of mutations) {
      const caller = weakestAllowed(policy)
      const example = await examples[path]?.(world, caller)
      if (example === undefined) throw new Error(`There is no example of ${path}`)
      const token = 'as' in example ? example.as : world.principals[caller].token
      const headers: Record<string, string> = {
        ...newAddress(),
        'x-request-id': `${path}-${randomUUID()}`.slice(0, 64),
      }
      const answer = await mutate(server.baseUrl, path, example.input, { token, headers })
      expect(answer.status, `${path}: ${answer.text.slice(0, 300)}`).toBe(200)
      const found = await server.database.prisma.auditEvent.findMany({
        where: { traceId: answer.headers.get('x-request-id') ?? 'none' },
      })
      const named = found.filter(({ targetId }) => targetId !== null)
      const about = NOBODY.includes(path) ? found : named
      if (about.length === 0 || found.some(({ ip }) => ip !== headers['x-forwarded-for'])) missing.push(path)
      if (caller !== 'anonymous' && found.some(({ actorId }) => actorId === null))
        missing.push(`${path}: actor`)
      for (const row of found) {
        expect(JSON.stringify(row), path).not.toMatch(/\$2b\$|eyJ[\w-]{20}|pk_|prt_/)
        for (const secret of secretsOf(example.input)) expect(JSON.stringify(row), path).not.toContain(secret)
      }
    }
    expect(missing).toEqual([])
  })

  test('cannot be changed by any procedure, nor by SQL of a service', async () => {
    const { server } = world
    const paths = registryOf(server.app.router).map(({ path }) => path)
    expect(paths.filter((path) => path.startsWith('audit.'))).toEqual(['audit.list'])
    const { prisma, pool } = server.database
    const before = await prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })
    await expect(prisma.auditEvent.deleteMany()).rejects.toThrow(/append-only/)
    await expect(prisma.auditEvent.updateMany({ data: { action: 'x' } })).rejects.toThrow(/append-only/)
    await expect(pool.query('TRUNCATE audit_events')).rejects.toThrow(/append-only/)
    await expect(
      pool.query(
        `INSERT INTO audit_events SELECT * FROM audit_events LIMIT 1 ON CONFLICT (id) DO UPDATE SET ip = 'x'`,
      ),
    ).rejects.toThrow(/append-only/)
    // Jobs that are still running may have added to it.
    const ids = before.map(({ id }) => id)
    expect(await prisma.auditEvent.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } })).toEqual(
      before,
    )
    expect(retention.filter(({ table }) => /audit/.test(table))).toEqual([])
  })
})

/** Their examples concern no account: an address nobody has, a log-out without a session. */
const NOBODY = ['auth.resendVerification', 'auth.logout']

function secretsOf(input: unknown): string[] {
  const names = ['password', 'currentPassword', 'newPassword', 'token', 'refreshToken']
  return [PASSWORD, ...names.map((name) => field(input, name)).filter((value) => typeof value === 'string')]
}
