import { on } from 'node:events'
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { findTask, insertTask, listTasks } from '../drizzle/queries.ts'
import { changes } from '../shared/changes.ts'
import { authenticate, membershipOf } from './auth.ts'
import { schemas } from './schemas.ts'

const forbidden = { message: 'Forbidden' }

export const tasks: FastifyPluginAsyncTypebox = async (app) => {
  app.addHook('onRequest', authenticate)

  app.get('/projects/:id/tasks', { schema: schemas.list }, async (request, reply) => {
    const { id } = request.params
    const { limit, cursor } = request.query
    if (!(await membershipOf(request, id))) return reply.code(403).send(forbidden)
    return await listTasks(id, limit, cursor)
  })

  app.get('/tasks/:id', { schema: schemas.get }, async (request, reply) => {
    const task = await findTask(request.params.id)
    if (task === undefined) return reply.code(404).send({ message: 'Not found' })
    if (!(await membershipOf(request, task.projectId))) return reply.code(403).send(forbidden)
    return task
  })

  app.post('/projects/:id/tasks', { schema: schemas.create }, async (request, reply) => {
    const { id } = request.params
    const member = await membershipOf(request, id)
    if (member === undefined || member.role === 'viewer') return reply.code(403).send(forbidden)
    const task = await insertTask(id, member.userId, request.body)
    changes.emit(id, { type: 'task.created', task })
    return reply.code(201).send(task)
  })

  app.get('/projects/:id/events', { schema: schemas.events }, async (request, reply) => {
    const { id } = request.params
    if (!(await membershipOf(request, id))) return reply.code(403).send(forbidden)
    const over = new AbortController()
    request.raw.on('close', () => over.abort())
    return reply.type('text/event-stream').send(Readable.from(eventsOf(id, over.signal)))
  })
}

async function* eventsOf(projectId: string, signal: AbortSignal) {
  const changed = on(changes, projectId, { signal })
  yield 'event: connected\ndata:\n\n'
  for await (const [change] of changed) yield `event: ${change.type}\ndata: ${JSON.stringify(change)}\n\n`
}
