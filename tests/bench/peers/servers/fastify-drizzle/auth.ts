import type { FastifyReply, FastifyRequest } from 'fastify'
import { findMembership, findUser } from '../drizzle/queries.ts'
import type { users } from '../drizzle/schema.ts'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: { sub: string }
    user: { sub: string }
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    account: typeof users.$inferSelect | undefined
  }
}

/** Lets those in who bring a token, and loads their account. */
export async function authenticate(request: FastifyRequest, reply: FastifyReply) {
  await request.jwtVerify()
  request.account = await findUser(request.user.sub)
  if (request.account === undefined) return reply.code(401).send({ message: 'Unauthorized' })
}

/** The membership of the caller; undefined for others, who are to get a 403. */
export async function membershipOf(request: FastifyRequest, projectId: string) {
  return request.account && (await findMembership(projectId, request.account.id))
}
