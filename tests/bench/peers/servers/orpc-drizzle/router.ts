import { ORPCError } from '@orpc/server'
import bcrypt from 'bcrypt'
import { z } from 'zod'
import { countWork, findUserByEmail } from '../drizzle/queries.ts'
import { LoggedIn, LoginInput, Stats } from '../shared/schemas.ts'
import { cachedStats } from '../shared/stats-cache.ts'
import { signToken } from '../shared/token.ts'
import { authed, base } from './base.ts'
import { tasks } from './tasks.ts'

const ping = base.output(z.object({ ok: z.boolean() })).handler(() => ({ ok: true }))

const login = base
  .input(LoginInput)
  .output(LoggedIn)
  .handler(async ({ input: { email, password } }) => {
    const user = await findUserByEmail(email)
    if (user === undefined || !(await bcrypt.compare(password, user.passwordHash)))
      throw new ORPCError('UNAUTHORIZED')
    return { user, accessToken: await signToken(user.id) }
  })

const stats = authed
  .output(Stats)
  .handler(({ context: { user } }) => cachedStats(user.id, () => countWork(user.id)))

/** The procedures that are compared. */
export const router = { ping, auth: { login }, users: { stats }, tasks }
