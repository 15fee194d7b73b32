import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import bcrypt from 'bcrypt'
import { countWork, findUserByEmail } from '../drizzle/queries.ts'
import { cachedStats } from '../shared/stats-cache.ts'
import { authenticate } from './auth.ts'
import { schemas } from './schemas.ts'

const unauthorized = { message: 'Unauthorized' }

export const users: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/ping', { schema: schemas.ping }, async () => ({ ok: true }))

  app.post('/login', { schema: schemas.login }, async (request, reply) => {
    const { email, password } = request.body
    const user = await findUserByEmail(email)
    if (user === undefined || !(await bcrypt.compare(password, user.passwordHash)))
      return reply.code(401).send(unauthorized)
    return { user, accessToken: await reply.jwtSign({ sub: user.id }) }
  })

  app.get('/users/me/stats', { schema: schemas.stats, onRequest: authenticate }, async (request, reply) => {
    const { account } = request
    if (account === undefined) return reply.code(401).send(unauthorized)
    return await cachedStats(account.id, () => countWork(account.id))
  })
}
