import { createMiddleware } from 'hono/factory'
import { HTTPException } from 'hono/http-exception'
import { verify } from 'hono/jwt'
import { findUser } from '../drizzle/queries.ts'
import type { users } from '../drizzle/schema.ts'

/** What a request that got past {@link auth} knows. */
export interface Authenticated {
  readonly Variables: { readonly user: typeof users.$inferSelect }
}

/** Lets those in who bring a token, and loads their account. */
export const auth = createMiddleware<Authenticated>(async (c, next) => {
  const token = c.req.header('authorization')?.replace('Bearer ', '') ?? ''
  const payload = await verify(token, process.env.PEER_SECRET ?? '', 'HS256').catch(() => undefined)
  const user = typeof payload?.sub === 'string' ? await findUser(payload.sub) : undefined
  if (user === undefined) throw new HTTPException(401)
  c.set('user', user)
  await next()
})
