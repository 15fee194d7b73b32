import { on } from 'node:events'
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { changes } from '../shared/changes.ts'
import { ListInput, NewTask, Task, TaskList } from '../shared/schemas.ts'
import { prisma } from './prisma.ts'
import { protectedProcedure, router } from './trpc.ts'

const InProject = z.object({ projectId: z.uuid() })

export const tasksRouter = router({
  list: protectedProcedure
    .input(InProject.extend(ListInput.shape))
    .output(TaskList)
    .query(async ({ ctx, input: { projectId, limit, cursor } }) => {
      await requireMember(projectId, ctx.user.id)
      const tasks = await prisma.task.findMany({
        where: { projectId, deletedAt: null },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit + 1,
        ...(cursor === undefined ? {} : { cursor: { id: cursor } }),
      })
      const next = tasks.length > limit ? tasks.pop() : undefined
      return { data: tasks, nextCursor: next?.id }
    }),
  get: protectedProcedure
    .input(z.object({ id: z.uuid() }))
    .output(Task)
    .query(async ({ ctx, input: { id } }) => {
      const task = await prisma.task.findUnique({ where: { id, deletedAt: null } })
      if (task === null) throw new TRPCError({ code: 'NOT_FOUND' })
      await requireMember(task.projectId, ctx.user.id)
      return task
    }),
  create: protectedProcedure
    .input(InProject.extend(NewTask.shape))
    .output(Task)
    .mutation(async ({ ctx, input: { description = null, ...input } }) => {
      const { role } = await requireMember(input.projectId, ctx.user.id)
      if (role === 'viewer') throw new TRPCError({ code: 'FORBIDDEN' })
      const task = await prisma.task.create({ data: { ...input, description, createdById: ctx.user.id } })
      changes.emit(task.projectId, { type: 'task.created', task })
      return task
    }),
  onChange: protectedProcedure.input(InProject).subscription(async function* ({ ctx, input, signal }) {
    await requireMember(input.projectId, ctx.user.id)
    for await (const [change] of on(changes, input.projectId, { signal })) yield change
  }),
})

async function requireMember(projectId: string, userId: string) {
  const member = await prisma.projectMember.findUnique({
    where: { projectId_userId: { projectId, userId }, project: { deletedAt: null } },
  })
  if (member === null) throw new TRPCError({ code: 'FORBIDDEN' })
  return member
}
