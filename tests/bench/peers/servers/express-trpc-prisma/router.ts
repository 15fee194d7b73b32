import { TRPCError } from '@trpc/server'
import bcrypt from 'bcrypt'
import { z } from 'zod'
import { LoggedIn, LoginInput, Stats } from '../shared/schemas.ts'
import { cachedStats } from '../shared/stats-cache.ts'
import { signToken } from '../shared/token.ts'
import { prisma } from './prisma.ts'
import { tasksRouter } from './tasks.ts'
import { protectedProcedure, publicProcedure, router } from './trpc.ts'

/** The procedures that are compared, the way tRPC's and Prisma's guides write them. */
export const appRouter = router({
  ping: publicProcedure.output(z.object({ ok: z.boolean() })).query(() => ({ ok: true })),
  auth: router({
    login: publicProcedure
      .input(LoginInput)
      .output(LoggedIn)
      .mutation(async ({ input: { email, password } }) => {
        const user = await prisma.user.findFirst({ where: { email, deletedAt: null } })
        if (user === null || !(await bcrypt.compare(password, user.passwordHash)))
          throw new TRPCError({ code: 'UNAUTHORIZED' })
        return { user, accessToken: await signToken(user.id) }
      }),
  }),
  users: router({
    stats: protectedProcedure
      .output(Stats)
      .query(({ ctx }) => cachedStats(ctx.user.id, () => countWork(ctx.user.id))),
  }),
  tasks: tasksRouter,
})

async function countWork(userId: string): Promise<Stats> {
  const assigned = { assigneeId: userId, deletedAt: null }
  return {
    projects: await prisma.projectMember.count({ where: { userId } }),
    tasksCreated: await prisma.task.count({ where: { createdById: userId, deletedAt: null } }),
    tasksAssigned: await prisma.task.count({ where: assigned }),
    tasksDone: await prisma.task.count({ where: { ...assigned, status: 'done' } }),
  }
}
