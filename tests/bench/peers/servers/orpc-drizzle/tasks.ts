import { EventPublisher, ORPCError } from '@orpc/server'
import { z } from 'zod'
import { findTask, insertTask, listTasks } from '../drizzle/queries.ts'
import type { TaskChange } from '../shared/changes.ts'
import { ListInput, NewTask, Task, TaskList } from '../shared/schemas.ts'
import { authed, requireMember } from './base.ts'

const InProject = z.object({ projectId: z.uuid() })
const publisher = new EventPublisher<Record<string, TaskChange>>()

const list = authed
  .input(InProject.extend(ListInput.shape))
  .output(TaskList)
  .handler(async ({ context, input: { projectId, limit, cursor } }) => {
    await requireMember(projectId, context.user.id)
    return await listTasks(projectId, limit, cursor)
  })

const get = authed
  .input(z.object({ id: z.uuid() }))
  .output(Task)
  .handler(async ({ context, input: { id } }) => {
    const task = await findTask(id)
    if (task === undefined) throw new ORPCError('NOT_FOUND')
    await requireMember(task.projectId, context.user.id)
    return task
  })

const create = authed
  .input(InProject.extend(NewTask.shape))
  .output(Task)
  .handler(async ({ context: { user }, input: { projectId, ...input } }) => {
    const { role } = await requireMember(projectId, user.id)
    if (role === 'viewer') throw new ORPCError('FORBIDDEN')
    const task = await insertTask(projectId, user.id, input)
    publisher.publish(projectId, { type: 'task.created', task })
    return task
  })

const onChange = authed
  .route({ method: 'GET' })
  .input(InProject)
  .handler(async function* ({ context, input: { projectId }, signal }) {
    await requireMember(projectId, context.user.id)
    for await (const change of publisher.subscribe(projectId, { signal })) yield change
  })

export const tasks = { list, get, create, onChange }
