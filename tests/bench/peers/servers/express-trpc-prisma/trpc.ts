import { initTRPC, TRPCError } from '@trpc/server'
import type { CreateExpressContextOptions } from '@trpc/server/adapters/express'
import { verifyToken } from '../shared/token.ts'
import { prisma } from './prisma.ts'

/** The user behind the token, loaded for every request that brings one. */
export async function createContext({ req }: CreateExpressContextOptions) {
  const token = req.headers.authorization?.replace('Bearer ', '')
  const userId = token === undefined ? undefined : await verifyToken(token)
  const user = userId === undefined ? null : await prisma.user.findUnique({ where: { id: userId } })
  return { prisma, user }
}

const t = initTRPC.context<typeof createContext>().create()

export const router = t.router
export const publicProcedure = t.procedure

/** For those who are logged in. */
export const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (ctx.user === null || ctx.user.deletedAt !== null) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next({ ctx: { ...ctx, user: ctx.user } })
})
