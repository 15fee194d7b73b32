import { HTTPException } from 'hono/http-exception'
import { findMembership } from '../drizzle/queries.ts'

/** @throws HTTPException 403 */
export async function requireMember(projectId: string, userId: string) {
  const member = await findMembership(projectId, userId)
  if (member === undefined) throw new HTTPException(403)
  return member
}
