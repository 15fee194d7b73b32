import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AccountsProcess, freshEmail, PASSWORD, startWorld } from './support/accounts-app.ts'

const DAY = 86_400_000

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld({}, 2)
})
afterAll(() => world[Symbol.asyncDispose]())

const register = () =>
  world.first.as().auth.register({ email: freshEmail(), password: PASSWORD, fullName: 'Ada L' })
const refresh = (token: string | null, at: AccountsProcess = world.first) =>
  at.as().auth.refresh({ refreshToken: String(token) })
const refused = { code: 'UNAUTHORIZED' }

describe('refresh', () => {
  it('gives 20 askers at once, on two processes, the same successor (A13)', async () => {
    const { refreshToken, user } = await register()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => refresh(refreshToken, index % 2 ? world.first : world.second)),
    )
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
    const sessions = await world.database.prisma.session.findMany({ where: { userId: user.id } })
    expect(sessions.map(({ generation, revokedAt }) => [generation, revokedAt])).toEqual([[2, null]])
  })

  it('ends the family when an old token comes back, and no other session (A12)', async () => {
    const first = await register()
    const second = await world.second.as().auth.login({ email: first.user.email, password: PASSWORD })
    const next = await refresh(first.refreshToken)
    const last = await refresh(next.refreshToken)
    expect((await world.second.as({ bearer: last.accessToken }).users.me()).id).toBe(first.user.id)
    await expect(refresh(first.refreshToken)).rejects.toMatchObject(refused)
    await expect(refresh(last.refreshToken)).rejects.toMatchObject(refused)
    const me = () =>
      world.second
        .as({ bearer: last.accessToken })
        .users.me()
        .then(() => 'let in')
        .catch(() => 'refused')
    await expect.poll(me, { timeout: 1_000 }).toBe('refused')
    await refresh(second.refreshToken)
    const audits = await world.database.prisma.auditEvent.findMany({ where: { action: 'auth.refreshReuse' } })
    expect(audits).toHaveLength(1)
    const sessions = await world.database.prisma.session.findMany({
      where: { userId: first.user.id, revokedAt: { not: null } },
    })
    expect(sessions.map((session) => session.revokedReason)).toEqual(['reuse'])
  })

  it('gives the last token’s successor again for ten seconds and no longer', async () => {
    const { refreshToken } = await register()
    const next = await refresh(refreshToken)
    world.clock.move(9_000)
    expect((await refresh(refreshToken)).refreshToken).toBe(next.refreshToken)
    world.clock.move(2_000)
    await expect(refresh(refreshToken)).rejects.toMatchObject(refused)
    await expect(refresh(next.refreshToken)).rejects.toMatchObject(refused)
  })

  it('ends after seven idle days, and after thirty whatever its use (A14)', async () => {
    const idle = await register()
    let used = (await register()).refreshToken
    for (let day = 1; day < 30; day += 1) {
      world.clock.move(DAY)
      used = (await refresh(used)).refreshToken
      if (day === 8) await expect(refresh(idle.refreshToken)).rejects.toMatchObject(refused)
    }
    world.clock.move(DAY)
    await expect(refresh(used)).rejects.toMatchObject(refused)
  })
})
