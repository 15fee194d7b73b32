import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newTraceId, runInContext } from '../../../server/src/platform/request-context.ts'
import { freshEmail, PASSWORD, startWorld } from './support/accounts-app.ts'

let world: Awaited<ReturnType<typeof startWorld>>
let root: string
beforeAll(async () => {
  const variables = {
    FIRST_SUPERUSER_EMAIL: 'root@example.test',
    FIRST_SUPERUSER_PASSWORD: 'seven grey herons wade',
  }
  world = await startWorld(variables, 2)
  await world.first.accounts.ensureFirstSuperuser()
  await world.second.accounts.ensureFirstSuperuser()
  const login = { email: 'root@example.test', password: 'seven grey herons wade' }
  root = (await world.first.as().auth.login(login)).accessToken
})
afterAll(() => world[Symbol.asyncDispose]())

const register = () =>
  world.first.as().auth.register({ email: freshEmail(), password: PASSWORD, fullName: 'Ada L' })

/** How the other process answers whoever holds `bearer`. */
const outcome = (bearer: string) => () =>
  world.second
    .as({ bearer })
    .users.me()
    .then((user) => user.role as string)
    .catch((error: unknown) => String(Reflect.get(Object(error), 'code')))
const soon = { timeout: 1_000, interval: 20 }

describe('changes bite on every process within a second (A15, Z7)', () => {
  it('suspension and its end, for sessions and keys', async () => {
    const { user, accessToken } = await register()
    const made = await world.first
      .as({ bearer: accessToken })
      .apiKeys.create({ name: 'ci', scopes: ['users:read'] })
    const credentials = [accessToken, made.key]
    for (const bearer of credentials) expect(await outcome(bearer)()).toBe('user')
    await world.first.as({ bearer: root }).users.suspend({ id: user.id })
    for (const bearer of credentials) await expect.poll(outcome(bearer), soon).toBe('UNAUTHORIZED')
    await world.first.as({ bearer: root }).users.unsuspend({ id: user.id })
    for (const bearer of credentials) await expect.poll(outcome(bearer), soon).toBe('user')
    await world.first.as({ bearer: accessToken }).apiKeys.revoke({ id: made.id })
    await expect.poll(outcome(made.key), soon).toBe('UNAUTHORIZED')
  })

  it('another role, and deletion', async () => {
    const { user, accessToken } = await register()
    expect(await outcome(accessToken)()).toBe('user')
    await world.first.as({ bearer: root }).users.setRole({ id: user.id, role: 'admin' })
    await expect.poll(outcome(accessToken), soon).toBe('admin')
    await world.first.as({ bearer: accessToken }).users.delete({ id: user.id })
    await expect.poll(outcome(accessToken), soon).toBe('UNAUTHORIZED')
    await register()
  })

  it('a warm call asks the database nothing to know who calls', async () => {
    const { accessToken } = await register()
    const { authenticator } = world.first.runtime
    const roundTrips = async () => {
      const request = {
        traceId: newTraceId(),
        surface: 'trpc' as const,
        ip: undefined,
        userAgent: undefined,
        roundTrips: 0,
      }
      const actor = await runInContext(request, () => authenticator.authenticate({ bearer: accessToken }))
      expect(actor?.role).toBe('user')
      return request.roundTrips
    }
    expect(await roundTrips()).toBe(1)
    expect(await roundTrips()).toBe(0)
  })
})

describe('rights', () => {
  it('other people’s accounts look like missing ones', async () => {
    const [ada, bob] = [await register(), await register()]
    const asAda = world.first.as({ bearer: ada.accessToken }).users
    for (const call of [
      () => asAda.get({ id: bob.user.id }),
      () => asAda.getByEmail({ email: bob.user.email }),
      () => asAda.update({ id: bob.user.id, data: { fullName: 'x' } }),
      () => asAda.stats({ id: bob.user.id }),
      () => asAda.delete({ id: bob.user.id }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect((await asAda.stats({ id: ada.user.id })).projects).toBe(0)
  })

  it('are those of this moment, not of when the call came in', async () => {
    const [admin, ada] = [await register(), await register()]
    await world.first.as({ bearer: root }).users.setRole({ id: admin.user.id, role: 'admin' })
    const asAdmin = world.first.as({ bearer: admin.accessToken }).users
    await expect.poll(async () => (await asAdmin.me()).role, soon).toBe('admin')
    const { id } = admin.user
    const meanwhile = [
      [{ role: 'user' }, 'FORBIDDEN'],
      [{ role: 'admin', suspendedAt: new Date() }, 'UNAUTHORIZED'],
      [{ suspendedAt: null, deletedAt: new Date() }, 'UNAUTHORIZED'],
    ] as const
    for (const [data, code] of meanwhile) {
      // Not announced, so this process still takes the caller for an admin.
      await world.database.prisma.user.update({ where: { id }, data })
      await expect(asAdmin.suspend({ id: ada.user.id })).rejects.toMatchObject({ code })
      await expect(asAdmin.delete({ id: ada.user.id })).rejects.toMatchObject({ code })
    }
    expect((await world.first.as({ bearer: ada.accessToken }).users.me()).suspendedAt).toBeNull()
  })

  it('of the last super admin are not given up', async () => {
    const me = await world.first.as({ bearer: root }).users.me()
    await expect(world.first.as({ bearer: root }).users.delete({ id: me.id })).rejects.toMatchObject({
      code: 'CONFLICT',
      cause: { reason: 'LAST_SUPER_ADMIN' },
    })
  })

  it('keeps one super admin when two demote each other at once (Z8)', async () => {
    const made = await register()
    await world.first.as({ bearer: root }).users.setRole({ id: made.user.id, role: 'super_admin' })
    const rootUser = await world.first.as({ bearer: root }).users.me()
    const demote = (bearer: string, id: string) =>
      world.first.as({ bearer }).users.setRole({ id, role: 'user' })
    const outcomes = await Promise.allSettled([
      demote(root, made.user.id),
      demote(made.accessToken, rootUser.id),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await world.database.prisma.user.count({ where: { role: 'super_admin' } })).toBe(1)
    await world.database.prisma.user.update({ where: { id: rootUser.id }, data: { role: 'super_admin' } })
  })

  it('finds people by text in which wildcards are text (D4)', async () => {
    const marked = await world.first
      .as()
      .auth.register({ email: freshEmail(), password: PASSWORD, fullName: '100 % Ada\\' })
    await world.database.prisma.user.updateMany({
      where: { email: 'root@example.test' },
      data: { role: 'super_admin' },
    })
    const login = { email: 'root@example.test', password: 'seven grey herons wade' }
    const { accessToken } = await world.second.as().auth.login(login)
    const list = world.second.as({ bearer: accessToken }).users.list
    for (const search of ['%', '\\', '100 % a']) {
      expect((await list({ search })).data.map((user) => user.id)).toEqual([marked.user.id])
    }
    expect((await list({ search: '_' })).data).toEqual([])
    const all = await list({ limit: 100, page: 1 })
    expect(all.pagination.total).toBe(all.data.length)
    const first = await list({ limit: 2 })
    const second = await list({ limit: 100, cursor: String(first.pagination.nextCursor) })
    expect([...first.data, ...second.data].map((user) => user.id)).toEqual(all.data.map((user) => user.id))
  })
})
