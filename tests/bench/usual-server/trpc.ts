import { initTRPC, TRPCError } from '@trpc/server'
import type { CreateExpressContextOptions } from '@trpc/server/adapters/express'
import { prisma } from './prisma.ts'
import { verifyToken } from './token.ts'

/** The user behind the token, loaded for every request. */
export async function createContext({ req }: CreateExpressContextOptions) {
  const token = req.headers.authorization?.replace('Bearer ', '')
  const userId = token === undefined ? undefined : await verifyToken(token).catch(() => undefined)
  const user = userId === undefined ? null : await prisma.user.findUnique({ where: { id: userId } })
  return { prisma, user }
}

const t = initTRPC.context<typeof createContext>().create()

export const router = t.router

/** For those who are logged in. */
export const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (ctx.user === null) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next({ ctx: { ...ctx, user: ctx.user } })
})
