import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshEmail, linkTo as linkOf, PASSWORD, startWorld } from './support/accounts-app.ts'

const NEW = 'quite another passphrase'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function register() {
  const made = await world.first
    .as()
    .auth.register({ email: freshEmail(), password: PASSWORD, fullName: '<b>Ada</b>\nL' })
  return { ...made, email: made.user.email }
}

/** The secret in the newest mail made from `template`. */
const linkTo = (email: string, template: string) => linkOf(world.first, email, template)

const invalid = { cause: { reason: 'TOKEN_INVALID' } }
const { auth } = { auth: () => world.first.as().auth }

describe('links in mails (A10)', () => {
  it('set a password once, out of 20 at once, and end all sessions', async () => {
    const { email, accessToken } = await register()
    await auth().requestPasswordReset({ email })
    const token = await linkTo(email, 'reset-password')
    const uses = await Promise.allSettled(
      Array.from({ length: 20 }, () => auth().resetPassword({ token, password: NEW })),
    )
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(auth().resetPassword({ token, password: NEW })).rejects.toMatchObject(invalid)
    await expect(world.first.as({ bearer: accessToken }).users.me()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    expect((await auth().login({ email, password: NEW })).user.emailVerifiedAt).not.toBeNull()
  })

  it('are void after a newer one, a change of the password, and their time', async () => {
    const { email, accessToken } = await register()
    await auth().requestPasswordReset({ email })
    const older = await linkTo(email, 'reset-password')
    await auth().requestPasswordReset({ email })
    const newer = await linkTo(email, 'reset-password')
    expect(newer).not.toBe(older)
    await expect(auth().resetPassword({ token: older, password: NEW })).rejects.toMatchObject(invalid)
    const change = { currentPassword: PASSWORD, newPassword: NEW }
    await world.first.as({ bearer: accessToken }).auth.changePassword(change)
    await expect(auth().resetPassword({ token: newer, password: PASSWORD })).rejects.toMatchObject(invalid)
    await auth().requestPasswordReset({ email })
    const late = await linkTo(email, 'reset-password')
    world.clock.move(31 * 60_000)
    await expect(auth().resetPassword({ token: late, password: PASSWORD })).rejects.toMatchObject(invalid)
  })

  it('confirm an address once, and are not of the other kind', async () => {
    const { email, user } = await register()
    const token = await linkTo(email, 'welcome')
    await expect(auth().resetPassword({ token, password: NEW })).rejects.toMatchObject(invalid)
    await auth().verifyEmail({ token })
    await expect(auth().verifyEmail({ token })).rejects.toMatchObject(invalid)
    expect((await auth().login({ email, password: PASSWORD })).user.emailVerifiedAt).not.toBe(
      user.emailVerifiedAt,
    )
  })

  it('show names as text, and leave no secret in a row', async () => {
    const { email } = await register()
    const token = await linkTo(email, 'welcome')
    const mail = world.first.mails.findLast((one) => one.to === email)
    expect(mail?.html).toContain('&#60;b&#62;Ada')
    expect(mail?.html).not.toContain('<b>')
    const rows = await world.database.prisma.$queryRaw<{ row: string }[]>`
      SELECT m::text AS row FROM mail_messages m UNION ALL SELECT t::text FROM account_tokens t`
    expect(rows.filter(({ row }) => row.includes(token))).toEqual([])
  })

  it('go to nobody for an unknown address, with the same answer', async () => {
    const before = await world.database.prisma.mailMessage.count()
    expect(await auth().requestPasswordReset({ email: freshEmail() })).toEqual({ ok: true })
    expect(await auth().resendVerification({ email: freshEmail() })).toEqual({ ok: true })
    expect(await world.database.prisma.mailMessage.count()).toBe(before)
  })
})

describe('changing the password', () => {
  it('asks for the current one and ends the other sessions', async () => {
    const { email, accessToken } = await register()
    const other = await auth().login({ email, password: PASSWORD })
    const mine = world.first.as({ bearer: accessToken }).auth
    await expect(mine.changePassword({ currentPassword: NEW, newPassword: NEW })).rejects.toMatchObject({
      cause: { reason: 'INVALID_CREDENTIALS' },
    })
    await mine.changePassword({ currentPassword: PASSWORD, newPassword: NEW })
    await expect(world.first.as({ bearer: other.accessToken }).users.me()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    const sessions = await world.first.as({ bearer: accessToken }).auth.sessions.list({})
    expect(sessions.data.map((session) => session.current)).toEqual([true])
  })
})
