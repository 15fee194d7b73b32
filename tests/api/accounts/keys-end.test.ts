import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshEmail, linkTo, PASSWORD, startWorld } from './support/accounts-app.ts'

const NEW = 'quite another passphrase'
const gone = { code: 'UNAUTHORIZED' }

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** Somebody with an API key. */
async function withKey() {
  const made = await world.first
    .as()
    .auth.register({ email: freshEmail(), password: PASSWORD, fullName: 'Ada L' })
  const mine = world.first.as({ bearer: made.accessToken })
  const create = () => mine.apiKeys.create({ name: 'ci', scopes: ['users:read'] })
  const { key } = await create()
  const byKey = () => world.first.as({ bearer: key }).users.me()
  expect((await byKey()).id).toBe(made.user.id)
  return { email: made.user.email, id: made.user.id, mine, create, byKey }
}

describe('API keys end with the password', () => {
  it('when it is set by a mailed link', async () => {
    const { email, byKey } = await withKey()
    await world.first.as().auth.requestPasswordReset({ email })
    const token = await linkTo(world.first, email, 'reset-password')
    await world.first.as().auth.resetPassword({ token, password: NEW })
    await expect(byKey()).rejects.toMatchObject(gone)
  })

  it('when it is changed', async () => {
    const { mine, byKey, create } = await withKey()
    await mine.auth.changePassword({ currentPassword: PASSWORD, newPassword: NEW })
    await expect(byKey()).rejects.toMatchObject(gone)
    expect((await mine.apiKeys.list({})).data).toEqual([])
    await create()
  })
})

describe('an API key is not made', () => {
  it('in a session that ended while the call was on its way', async () => {
    const { id, create } = await withKey()
    await world.database.prisma.session.updateMany({
      where: { userId: id },
      data: { revokedAt: new Date(), revokedReason: 'password' },
    })
    await expect(create()).rejects.toMatchObject(gone)
  })

  it('for somebody who was suspended or deleted meanwhile', async () => {
    for (const end of [{ suspendedAt: new Date() }, { deletedAt: new Date() }]) {
      const { id, create } = await withKey()
      await world.database.prisma.user.update({ where: { id }, data: end })
      await expect(create()).rejects.toMatchObject(gone)
    }
  })

  it('beyond fifty', async () => {
    const { id, create, mine } = await withKey()
    const more = Array.from({ length: 49 }, (_, index) => ({
      userId: id,
      name: 'x',
      prefix: 'x',
      keyHash: `${id} ${index}`,
      scopes: [],
    }))
    await world.database.prisma.apiKey.createMany({ data: more })
    await expect(create()).rejects.toMatchObject({ code: 'CONFLICT', cause: { reason: 'TOO_MANY_KEYS' } })
    const [oldest] = (await mine.apiKeys.list({ limit: 1 })).data
    await mine.apiKeys.revoke({ id: String(oldest?.id) })
    await create()
  })
})
