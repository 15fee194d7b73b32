import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { protectedProcedure, router } from './trpc.ts'

const Task = z.object({
  id: z.string(),
  projectId: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: z.enum(['todo', 'doing', 'done']),
  priority: z.number(),
  dueAt: z.date().nullable(),
  assigneeId: z.string().nullable(),
  createdById: z.string().nullable(),
  version: z.number(),
  createdAt: z.date(),
  updatedAt: z.date(),
})

/** The one procedure that is compared, the way tRPC's and Prisma's guides write a protected, paged list. */
export const appRouter = router({
  tasks: router({
    list: protectedProcedure
      .input(
        z.object({
          projectId: z.uuid(),
          limit: z.number().min(1).max(100).default(20),
          cursor: z.string().nullish(),
        }),
      )
      .output(z.object({ data: z.array(Task), nextCursor: z.string().optional() }))
      .query(async ({ ctx, input }) => {
        const { projectId, limit, cursor } = input
        const member = await ctx.prisma.projectMember.findUnique({
          where: { projectId_userId: { projectId, userId: ctx.user.id }, project: { deletedAt: null } },
        })
        if (member === null) throw new TRPCError({ code: 'FORBIDDEN' })
        const tasks = await ctx.prisma.task.findMany({
          where: { projectId, deletedAt: null },
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          take: limit + 1,
          ...(cursor == null ? {} : { cursor: { id: cursor } }),
        })
        const next = tasks.length > limit ? tasks.pop() : undefined
        return { data: tasks, nextCursor: next?.id }
      }),
  }),
})
