import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { mutate, query } from '../../support/http.ts'
import { addPerson, type LogIn, type Person } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'

let server: TestServer
let admin: Person & LogIn
let user: Person & LogIn

beforeAll(async () => {
  server = await startServer()
  admin = await addPerson(server, 'admin', 'admin')
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const mine = async (who: LogIn) => expectOk(await query(server.baseUrl, 'flags.mine', undefined, who)).data
const set = (input: object) => mutate(server.baseUrl, 'flags.set', input, admin)
const reset = async (flag: string) =>
  expectOk(await mutate(server.baseUrl, 'flags.reset', { flag }, admin)).data
const plan = async (input: object) => expectOk(await mutate(server.baseUrl, 'users.setPlan', input, admin))

describe('a caller', () => {
  test('has the flags the code declares, by plan, from the call after it changed', async () => {
    const somebody = await addPerson(server)
    const { id } = somebody
    expect(await mine(somebody)).toEqual({ new_dashboard: false, ai_chat: true, advanced_analytics: false })
    const answer = await plan({ id, betaTester: true })
    expect(answer.data).toMatchObject({ id, betaTester: true, subscriptionTier: 'free' })
    expect(await mine(somebody)).toEqual({ new_dashboard: true, ai_chat: true, advanced_analytics: false })
    await plan({ id, subscriptionTier: 'premium' })
    expect(await mine(somebody)).toEqual({ new_dashboard: true, ai_chat: true, advanced_analytics: true })
    await plan({ id, betaTester: false, subscriptionTier: 'free' })
    expect(await mine(somebody)).toEqual({ new_dashboard: false, ai_chat: true, advanced_analytics: false })
  })

  test('cannot give itself a plan, nor see or set who gets what', async () => {
    const { baseUrl } = server
    const own = { id: user.id, subscriptionTier: 'premium' }
    expectRefused(await mutate(baseUrl, 'users.setPlan', own, user), 403)
    expectRefused(
      await mutate(baseUrl, 'users.update', { id: user.id, data: { betaTester: true } }, user),
      400,
    )
    expectRefused(await query(baseUrl, 'flags.list', {}, user), 403)
    expectRefused(await mutate(baseUrl, 'flags.set', { flag: 'ai_chat', default: true }, user), 403)
    expectRefused(await query(baseUrl, 'flags.mine', undefined), 401)
    expect(await mine(user)).toMatchObject({ new_dashboard: false, advanced_analytics: false })
  })

  test('costs no round trip once the flags are known', async () => {
    await mine(user)
    const answer = await query(server.baseUrl, 'flags.mine', undefined, user)
    expect(answer.headers.get('server-timing')).toContain('"0 round trips"')
  })
})

describe('an admin', () => {
  test('decides by user, and it holds from the next call on', async () => {
    const rules = [{ userIds: [user.id.toUpperCase()], value: true }]
    const { data } = expectOk(await set({ flag: 'new_dashboard', default: false, rules }))
    expect(data).toMatchObject({
      flag: 'new_dashboard',
      owner: 'web',
      default: false,
      rules: [{ userIds: [user.id], value: true }],
      source: 'settings',
      changedById: admin.id,
    })
    expect(await mine(user)).toMatchObject({ new_dashboard: true })
    expect(await mine(admin)).toMatchObject({ new_dashboard: false })
    expect(await reset('new_dashboard')).toMatchObject({ source: 'code', changedById: admin.id })
    expect(await mine(user)).toMatchObject({ new_dashboard: false })
  })

  test('decides by role, environment and percentage', async () => {
    expectOk(await set({ flag: 'ai_chat', default: false, rules: [{ roles: ['admin'], value: true }] }))
    expect([await mine(user), await mine(admin)]).toMatchObject([{ ai_chat: false }, { ai_chat: true }])
    expectOk(await set({ flag: 'ai_chat', default: false, rules: [{ environments: ['test'], value: true }] }))
    expect(await mine(user)).toMatchObject({ ai_chat: true })
    expectOk(
      await set({ flag: 'ai_chat', default: false, rules: [{ environments: ['production'], value: true }] }),
    )
    expect(await mine(user)).toMatchObject({ ai_chat: false })
    expectOk(await set({ flag: 'ai_chat', default: true, rules: [{ percentage: 100, value: false }] }))
    expect(await mine(user)).toMatchObject({ ai_chat: false })
    await reset('ai_chat')
  })

  test('sees every flag with its owner, rules and last change, page by page', async () => {
    expectOk(await set({ flag: 'advanced_analytics', default: true }))
    const names: unknown[] = []
    let cursor: unknown
    do {
      const input = { limit: 2, ...(typeof cursor === 'string' ? { cursor } : {}) }
      const { data } = expectOk(await query(server.baseUrl, 'flags.list', input, admin))
      const { data: flags, pagination } = data as {
        data: { flag: string }[]
        pagination: { nextCursor: unknown }
      }
      names.push(...flags.map(({ flag }) => flag))
      cursor = pagination.nextCursor
    } while (cursor !== null)
    expect(names).toEqual(['advanced_analytics', 'ai_chat', 'new_dashboard'])
    const first = expectOk(await query(server.baseUrl, 'flags.list', { page: 1, limit: 1 }, admin)).data
    expect(first).toMatchObject({
      data: [{ flag: 'advanced_analytics', default: true, rules: [], changedById: admin.id }],
      pagination: { hasNext: true, total: 3 },
    })
    await reset('advanced_analytics')
  })

  test('is told which field is wrong', async () => {
    const issue = async (input: object) => expectRefused(await set(input), 400).error?.issues[0]?.field
    expect(await issue({ flag: 'no_such_flag', default: true })).toBe('flag')
    expect(await issue({ flag: 'ai_chat' })).toBe('default')
    expect(await issue({ flag: 'ai_chat', default: true, rules: [{ value: true }] })).toBe('rules')
    expect(await issue({ flag: 'ai_chat', default: true, rules: [{ percentage: 101, value: true }] })).toBe(
      'rules.0.percentage',
    )
    expect(await issue({ flag: 'ai_chat', default: true, rules: [{ rolls: ['admin'], value: true }] })).toBe(
      'rules.0.rolls',
    )
    const nobody = { id: randomUUID(), betaTester: true }
    expectRefused(await mutate(server.baseUrl, 'users.setPlan', nobody, admin), 404)
    expectRefused(await mutate(server.baseUrl, 'users.setPlan', { id: user.id }, admin), 400)
  })

  test('notices that another admin was faster; of ten at once one wins', async () => {
    const { data } = expectOk(await set({ flag: 'new_dashboard', default: false }))
    const { version } = data as { version: number }
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        set({ flag: 'new_dashboard', default: index % 2 === 0, version }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(expectRefused(answer, 409).error?.reason).toBe('VERSION_CONFLICT')
    }
    await reset('new_dashboard')
  })

  test('leaves an audit row that says what was and what is', async () => {
    expectOk(await set({ flag: 'ai_chat', default: false, rules: [{ betaTester: true, value: true }] }))
    await reset('ai_chat')
    const rows = await server.database.prisma.auditEvent.findMany({
      where: { targetType: 'flag', targetId: 'ai_chat', actorId: admin.id },
      orderBy: { id: 'desc' },
      take: 2,
      select: { action: true, changes: true },
    })
    const decided = { default: false, rules: [{ betaTester: true, value: true }] }
    expect(rows).toEqual([
      { action: 'flags.reset', changes: { from: decided, to: 'as in the code' } },
      { action: 'flags.set', changes: { from: 'as in the code', to: decided } },
    ])
  })
})

test('a row that was broken by hand, or of a flag that is gone, changes nothing', async () => {
  const { prisma } = server.database
  const broken = { defaultValue: false, rules: [{ percentage: 'half' }], version: 9 }
  await prisma.flagSetting.upsert({
    where: { flag: 'ai_chat' },
    create: { flag: 'ai_chat', ...broken },
    update: broken,
  })
  await prisma.flagSetting.create({ data: { flag: 'long_gone', defaultValue: true, rules: [] } })
  // Any change makes the settings be read again.
  await reset('new_dashboard')
  expect(await mine(user)).toEqual({ new_dashboard: false, ai_chat: true, advanced_analytics: false })
  expect(await reset('ai_chat')).toMatchObject({ source: 'code' })
})
