import { describe, expect, it } from 'vitest'
import { WorkQueueFullError } from '../../../server/src/platform/limits/index.ts'
import { freshEmail, PASSWORD, startAccounts, startWorld } from './support/accounts-app.ts'

/** A jar as the HTTP edge makes it. */
function cookieJar(requested = true, token?: string) {
  let refreshToken = token
  return {
    maxAge: 0,
    requested,
    get refreshToken() {
      return refreshToken
    },
    setRefreshToken(next: string, maxAge: number) {
      refreshToken = next
      this.maxAge = maxAge
    },
    clearRefreshToken() {
      refreshToken = undefined
    },
  }
}

describe('cookie mode', () => {
  it('keeps the refresh token out of the answer', async () => {
    await using world = await startWorld()
    const jar = cookieJar()
    const as = (bearer?: string) => world.first.as({ cookies: jar, bearer })
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const made = await as().auth.register(input)
    expect(made.refreshToken).toBeNull()
    expect(jar.refreshToken).toMatch(/^prt_/)
    expect(jar.maxAge).toBe(7 * 86_400)
    const before = jar.refreshToken
    const renewed = await as().auth.refresh({})
    expect(renewed.refreshToken).toBeNull()
    expect(jar.refreshToken).not.toBe(before)
    const { refreshToken } = jar
    await as().auth.logout()
    expect(jar.refreshToken).toBeUndefined()
    await expect(as(renewed.accessToken).users.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await expect(world.first.as().auth.refresh({ refreshToken: String(refreshToken) })).rejects.toMatchObject(
      {
        code: 'UNAUTHORIZED',
      },
    )
  })

  it('is not forced upon a client by a cookie that was left over', async () => {
    await using world = await startWorld()
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const jar = cookieJar(false, 'left over')
    const as = world.first.as({ cookies: jar }).auth
    expect((await as.register(input)).refreshToken).toMatch(/^prt_/)
    expect((await as.login({ email: input.email, password: PASSWORD })).refreshToken).toMatch(/^prt_/)
    expect(jar.refreshToken).toBe('left over')
  })

  it('lets a log-out whose answer was lost be repeated', async () => {
    await using world = await startWorld()
    const jar = cookieJar()
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const { accessToken } = await world.first.as({ cookies: jar }).auth.register(input)
    const again = cookieJar(true, jar.refreshToken)
    expect(await world.first.as({ cookies: jar, bearer: accessToken }).auth.logout()).toEqual({ ok: true })
    expect(await world.first.as({ cookies: again, bearer: accessToken }).auth.logout()).toEqual({ ok: true })
    expect(again.refreshToken).toBeUndefined()
    // Without a cookie nobody can tell an ended session from an access token that is merely too old.
    await expect(world.first.as({ bearer: accessToken }).auth.logout()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })
})

describe('settings', () => {
  it('with verification required nobody gets a session before it', async () => {
    await using world = await startWorld({ REGISTRATION_REQUIRES_VERIFICATION: 'true' })
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const made = await world.first.as().auth.register(input)
    await expect(world.first.as({ bearer: made.accessToken }).users.me()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    const login = () => world.first.as().auth.login({ email: input.email, password: PASSWORD })
    await expect(login()).rejects.toMatchObject({ message: 'E-mail or password is wrong.' })
    await world.first.flush()
    const token = /#token=([\w-]+)/.exec(world.first.mails.at(-1)?.text ?? '')?.[1]
    await world.first.as().auth.verifyEmail({ token: String(token) })
    expect((await login()).user.email).toBe(input.email)
  })

  it('a higher cost or a new secret makes a new hash at the next log-in (A5)', async () => {
    await using world = await startWorld()
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const { user } = await world.first.as().auth.register(input)
    const stored = async () =>
      (await world.database.prisma.user.findUniqueOrThrow({ where: { id: user.id } })).passwordHash
    const before = await stored()
    const after = await startAccounts(world.database, world.clock, {
      BCRYPT_COST: '5',
      JWT_SECRET: 'n0w-Another-Secret-8fJq2LxPzV5tRk7WcYb3',
      JWT_SECRET_PREVIOUS: 'q7Rf2mXv9LkZ4tBw8HcN1sYp6JdG3aEu5TiO0xKb',
    })
    await after.as().auth.login({ email: input.email, password: PASSWORD })
    expect(before).toMatch(/^\$2b\$04\$/)
    expect(await stored()).toMatch(/^\$2b\$05\$/)
    expect((await stored()).split(':')[1]).not.toBe(before.split(':')[1])
    await after.as().auth.login({ email: input.email, password: PASSWORD })
    await after.close()
  })

  it('a right password counts although there is no time for a new hash', async () => {
    await using world = await startWorld()
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    await world.first.as().auth.register(input)
    const busy = await startAccounts(world.database, world.clock, { BCRYPT_COST: '5' }, (hasher) => ({
      ...hasher,
      hash: () => Promise.reject(new WorkQueueFullError(1_000)),
    }))
    const { user } = await busy.as().auth.login({ email: input.email, password: PASSWORD })
    expect(user.email).toBe(input.email)
    await busy.close()
  })

  it('the first superuser needs a good password in production', async () => {
    await using world = await startWorld()
    const variables = {
      NODE_ENV: 'production',
      BCRYPT_COST: '10',
      PUBLIC_URL: 'https://plinth.test',
      FIRST_SUPERUSER_EMAIL: 'root@example.test',
      FIRST_SUPERUSER_PASSWORD: 'plinth-plinth-2026',
    }
    const starting = startAccounts(world.database, world.clock, variables)
    await expect(starting).rejects.toThrow('FIRST_SUPERUSER_PASSWORD')
    expect(await world.database.prisma.user.count()).toBe(0)
  })
})

describe('API keys (A16)', () => {
  it('do what their scopes say, until they expire', async () => {
    await using world = await startWorld()
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const { accessToken, user } = await world.first.as().auth.register(input)
    const mine = world.first.as({ bearer: accessToken }).apiKeys
    const expiresAt = new Date(Date.now() + 60_000).toISOString()
    const made = await mine.create({ name: 'ci', scopes: ['users:read'], expiresAt })
    expect(made.key.startsWith(made.prefix)).toBe(true)
    const byKey = world.first.as({ bearer: made.key })
    expect((await byKey.users.me()).id).toBe(user.id)
    const missing = { cause: { reason: 'SCOPE_MISSING' } }
    await expect(byKey.users.update({ id: user.id, data: { fullName: 'x' } })).rejects.toMatchObject(missing)
    const noSession = { cause: { reason: 'SESSION_REQUIRED' } }
    await expect(byKey.apiKeys.list({})).rejects.toMatchObject(noSession)
    await expect(byKey.auth.sessions.list({})).rejects.toMatchObject(noSession)
    await expect(byKey.auth.logout()).rejects.toMatchObject(noSession)
    const withCookie = world.first.as({ bearer: made.key, cookies: cookieJar() })
    await expect(withCookie.auth.logout()).rejects.toMatchObject(noSession)
    const used = async () => (await mine.list({})).data[0]?.lastUsedAt
    await expect.poll(used, { timeout: 2_000 }).toBeTypeOf('string')
    const row = await world.database.prisma.apiKey.findUniqueOrThrow({ where: { id: made.id } })
    expect(JSON.stringify(row)).not.toContain(made.key.slice(made.prefix.length))
    world.clock.move(61_000)
    await expect(world.first.as({ bearer: made.key }).users.me()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })

  it('are made only with a recent proof of the password (A11)', async () => {
    await using world = await startWorld()
    const input = { email: freshEmail(), password: PASSWORD, fullName: 'Ada' }
    const { accessToken } = await world.first.as().auth.register(input)
    world.clock.move(16 * 60_000)
    const create = () =>
      world.first.as({ bearer: accessToken }).apiKeys.create({ name: 'ci', scopes: ['users:read'] })
    await expect(create()).rejects.toMatchObject({ cause: { reason: 'REAUTH_REQUIRED' } })
  })
})
