import { zValidator } from '@hono/zod-validator'
import bcrypt from 'bcrypt'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { sign } from 'hono/jwt'
import { countWork, findUserByEmail } from '../drizzle/queries.ts'
import { LoginInput } from '../shared/schemas.ts'
import { cachedStats } from '../shared/stats-cache.ts'
import { type Authenticated, auth } from './auth.ts'

export const users = new Hono<Authenticated>()
  .post('/login', zValidator('json', LoginInput), async (c) => {
    const { email, password } = c.req.valid('json')
    const user = await findUserByEmail(email)
    if (user === undefined || !(await bcrypt.compare(password, user.passwordHash)))
      throw new HTTPException(401)
    const now = Math.floor(Date.now() / 1_000)
    const claims = { sub: user.id, iat: now, exp: now + 12 * 3_600 }
    const accessToken = await sign(claims, process.env.PEER_SECRET ?? '')
    const { id, fullName } = user
    return c.json({ user: { id, email, fullName }, accessToken })
  })
  .get('/users/me/stats', auth, async (c) => {
    const { id } = c.var.user
    return c.json(await cachedStats(id, () => countWork(id)))
  })
