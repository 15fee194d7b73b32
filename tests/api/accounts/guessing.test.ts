import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { liftLimits } from '../../support/lift-limits.ts'
import { freshEmail, linkTo, PASSWORD, startWorld } from './support/accounts-app.ts'

const NEW = 'quite another passphrase'
const ip = '198.51.100.20'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld()
  liftLimits({ app: world.first })
})
afterEach(() => vi.useRealTimers())
afterAll(() => world[Symbol.asyncDispose]())

const login = (email: string, password: string) => world.first.as({ ip }).auth.login({ email, password })

/** Somebody whose password was guessed at 25 times from one address. */
async function guessedAt(): Promise<string> {
  const email = freshEmail()
  await world.first.as().auth.register({ email, password: PASSWORD, fullName: 'Ada L' })
  for (let guess = 0; guess < 25; guess += 1) {
    await expect(login(email, 'wrong passphrase here')).rejects.toThrow('E-mail or password is wrong.')
  }
  await expect(login(email, PASSWORD)).rejects.toThrow('E-mail or password is wrong.')
  return email
}

describe('a lock after many guesses (A8)', () => {
  it('ends at once for whoever sets a password by a mailed link', async () => {
    const email = await guessedAt()
    await world.first.as().auth.requestPasswordReset({ email })
    const token = await linkTo(world.first, email, 'reset-password')
    await world.first.as().auth.resetPassword({ token, password: NEW })
    expect((await login(email, NEW)).user.email).toBe(email)
  })

  it('ends by itself within a quarter of an hour, also when guessing went on', async () => {
    const email = await guessedAt()
    vi.setSystemTime(Date.now() + 15 * 60_000 + 1_000)
    expect((await login(email, PASSWORD)).user.email).toBe(email)
  })
})
