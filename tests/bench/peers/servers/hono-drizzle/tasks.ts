import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { findTask, insertTask, listTasks } from '../drizzle/queries.ts'
import { changes } from '../shared/changes.ts'
import { ListInput, NewTask } from '../shared/schemas.ts'
import type { Authenticated } from './auth.ts'
import { requireMember } from './membership.ts'

const Id = z.object({ id: z.uuid() })

export const tasks = new Hono<Authenticated>()
  .get('/projects/:id/tasks', zValidator('param', Id), zValidator('query', ListInput), async (c) => {
    const { id } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    await requireMember(id, c.var.user.id)
    return c.json(await listTasks(id, limit, cursor))
  })
  .get('/tasks/:id', zValidator('param', Id), async (c) => {
    const task = await findTask(c.req.valid('param').id)
    if (task === undefined) throw new HTTPException(404)
    await requireMember(task.projectId, c.var.user.id)
    return c.json(task)
  })
  .post('/projects/:id/tasks', zValidator('param', Id), zValidator('json', NewTask), async (c) => {
    const { id } = c.req.valid('param')
    const { role } = await requireMember(id, c.var.user.id)
    if (role === 'viewer') throw new HTTPException(403)
    const task = await insertTask(id, c.var.user.id, c.req.valid('json'))
    changes.emit(id, { type: 'task.created', task })
    return c.json(task, 201)
  })
