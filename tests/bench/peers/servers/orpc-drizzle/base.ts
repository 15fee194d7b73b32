import type { IncomingHttpHeaders } from 'node:http'
import { ORPCError, os } from '@orpc/server'
import { findMembership, findUser } from '../drizzle/queries.ts'
import { verifyToken } from '../shared/token.ts'

/** For everybody. */
export const base = os.$context<{ headers: IncomingHttpHeaders }>()

/** For those who are logged in: their account is loaded. */
export const authed = base.use(async ({ context, next }) => {
  const token = context.headers.authorization?.replace('Bearer ', '')
  const userId = token === undefined ? undefined : await verifyToken(token)
  const user = userId === undefined ? undefined : await findUser(userId)
  if (user === undefined) throw new ORPCError('UNAUTHORIZED')
  return next({ context: { user } })
})

/** @throws ORPCError FORBIDDEN */
export async function requireMember(projectId: string, userId: string) {
  const member = await findMembership(projectId, userId)
  if (member === undefined) throw new ORPCError('FORBIDDEN')
  return member
}
