import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  newTraceId,
  type RequestContext,
  runInContext,
} from '../../../server/src/platform/request-context.ts'
import { freshEmail, PASSWORD, startWorld } from './support/accounts-app.ts'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld({}, 2)
})
afterAll(() => world[Symbol.asyncDispose]())

const register = (email = freshEmail()) =>
  world.first.as().auth.register({ email, password: PASSWORD, fullName: 'Ada L' })

const wrong = 'quite another passphrase'

describe('register and log in', () => {
  it('makes an account and knows its owner by any spelling of the address', async () => {
    const made = await register()
    expect(await world.first.as({ bearer: made.accessToken }).users.me()).toEqual(made.user)
    const back = await world.first
      .as()
      .auth.login({ email: made.user.email.toUpperCase(), password: PASSWORD })
    expect(back.user).toEqual(made.user)
    const { accounts } = world.first
    const known = await accounts.findUserByEmail(world.database.prisma, made.user.email.toUpperCase())
    expect(known?.id).toBe(made.user.id)
  })

  it('answers alike for an address that is taken, and only tells its owner (A7, A9)', async () => {
    const email = freshEmail()
    const made = await register(email)
    const again = await register(email.toUpperCase().replace('S', 'ｓ'))
    expect(JSON.stringify(Object.keys(again))).toBe(JSON.stringify(Object.keys(made)))
    expect(JSON.stringify(Object.keys(again.user))).toBe(JSON.stringify(Object.keys(made.user)))
    expect(again.user.id).not.toBe(made.user.id)
    await expect(world.first.as({ bearer: again.accessToken }).users.me()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    await expect(
      world.first.as().auth.refresh({ refreshToken: String(again.refreshToken) }),
    ).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(await world.database.prisma.session.count({ where: { userId: made.user.id } })).toBe(1)
    await world.first.flush()
    const templates = world.first.mails.filter((mail) => mail.to === email).map((mail) => mail.template)
    expect(templates).toEqual(['welcome', 'registration-attempt'])
  })

  it('asks the database as often for a taken address as for a new one', async () => {
    const email = freshEmail()
    const roundTrips = async () => {
      const request: RequestContext = {
        traceId: newTraceId(),
        surface: 'trpc',
        ip: '203.0.113.40',
        userAgent: undefined,
        roundTrips: 0,
      }
      const input = { email, password: PASSWORD, fullName: 'Ada L' }
      await runInContext(request, () => world.first.as({ request }).auth.register(input))
      return request.roundTrips
    }
    const forNew = await roundTrips()
    expect(await roundTrips()).toBe(forNew)
  })

  it('makes one account of 10 registrations at once', async () => {
    const email = freshEmail()
    await Promise.all(Array.from({ length: 10 }, () => register(email)))
    expect(await world.database.prisma.user.count({ where: { email } })).toBe(1)
  })

  it('refuses weak passwords by name of the field', async () => {
    await expect(
      world.first
        .as()
        .auth.register({ email: freshEmail(), password: 'plinth-plinth-2026', fullName: 'Ada' }),
    ).rejects.toMatchObject({ cause: { reason: 'PASSWORD_REFUSED', issues: [{ field: 'password' }] } })
  })

  it('says the same for unknown, wrong and suspended (A6)', async () => {
    const { user } = await register()
    const suspended = await register()
    await world.database.prisma.user.update({
      where: { id: suspended.user.id },
      data: { suspendedAt: new Date() },
    })
    const tries = [
      { email: freshEmail(), password: PASSWORD },
      { email: user.email, password: wrong },
      { email: suspended.user.email, password: PASSWORD },
    ]
    for (const input of tries) {
      await expect(world.first.as().auth.login(input)).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        message: 'E-mail or password is wrong.',
        cause: { reason: 'INVALID_CREDENTIALS' },
      })
    }
  })
})

describe('guessing (A8)', () => {
  it('lets at most five of 40 guesses at once reach the verifier, and spares sessions', async () => {
    const made = await register()
    const { email } = made.user
    const login = (password: string) => world.first.as().auth.login({ email, password })
    const started = performance.now()
    const guesses = await Promise.allSettled(Array.from({ length: 40 }, () => login(wrong)))
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(guesses.every((guess) => guess.status === 'rejected')).toBe(true)
    await expect(login(PASSWORD)).rejects.toMatchObject({ message: 'E-mail or password is wrong.' })
    expect((await world.first.as({ bearer: made.accessToken }).users.me()).email).toBe(email)
    await world.first.as().auth.refresh({ refreshToken: String(made.refreshToken) })
  })

  it('does not take right log-ins at once for guesses', async () => {
    const { user } = await register()
    const login = () => world.first.as().auth.login({ email: user.email, password: PASSWORD })
    const answers = await Promise.all(Array.from({ length: 20 }, login))
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(20)
  })

  it('stops an address that tries one password on many accounts', async () => {
    const ip = '203.0.113.7'
    const codes = new Set<string>()
    for (let index = 0; index < 110; index += 1) {
      await world.first
        .as({ ip: index % 2 === 0 ? ip : `::ffff:${ip}` })
        .auth.login({ email: freshEmail(), password: wrong })
        .catch((error: unknown) => codes.add(String(Reflect.get(Object(error), 'code'))))
      if (codes.has('TOO_MANY_REQUESTS')) return
    }
    expect([...codes]).toContain('TOO_MANY_REQUESTS')
  })
})
