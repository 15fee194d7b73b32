import { Type } from '@fastify/type-provider-typebox'

// Fastify writes a Date by this format.
const Moment = Type.Unsafe<Date>({ type: 'string', format: 'date-time' })
const MaybeMoment = Type.Unsafe<Date | null>({ type: 'string', format: 'date-time', nullable: true })
const MaybeText = Type.Unsafe<string | null>({ type: 'string', nullable: true })
const Status = Type.Unsafe<'todo' | 'doing' | 'done'>({ type: 'string', enum: ['todo', 'doing', 'done'] })

const Task = Type.Object({
  id: Type.String(),
  projectId: Type.String(),
  title: Type.String(),
  description: MaybeText,
  status: Status,
  priority: Type.Integer(),
  dueAt: MaybeMoment,
  assigneeId: MaybeText,
  createdById: MaybeText,
  version: Type.Integer(),
  createdAt: Moment,
  updatedAt: Moment,
})
const Id = Type.Object({ id: Type.String({ format: 'uuid' }) })
const Message = Type.Object({ message: Type.String() })

/** Fastify validates what comes and writes what goes by these. */
export const schemas = {
  list: {
    params: Id,
    querystring: Type.Object({
      limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
      cursor: Type.Optional(Type.String({ format: 'uuid' })),
    }),
    response: {
      200: Type.Object({
        data: Type.Array(Task),
        nextCursor: Type.Optional(Type.Unsafe<string | undefined>({ type: 'string' })),
      }),
      403: Message,
    },
  },
  get: { params: Id, response: { 200: Task, 403: Message, 404: Message } },
  create: {
    params: Id,
    body: Type.Object({
      title: Type.String({ minLength: 1, maxLength: 300 }),
      description: Type.Optional(
        Type.Unsafe<string | null>({ type: 'string', maxLength: 20_000, nullable: true }),
      ),
      status: Type.Unsafe<'todo' | 'doing' | 'done'>({ ...Status, default: 'todo' }),
      priority: Type.Integer({ minimum: 0, maximum: 4, default: 0 }),
    }),
    response: { 201: Task, 403: Message },
  },
  events: { params: Id },
  login: {
    body: Type.Object({
      email: Type.String({ format: 'email' }),
      password: Type.String({ minLength: 1, maxLength: 200 }),
    }),
    response: {
      200: Type.Object({
        user: Type.Object({ id: Type.String(), email: Type.String(), fullName: Type.String() }),
        accessToken: Type.String(),
      }),
      401: Message,
    },
  },
  stats: {
    response: {
      200: Type.Object({
        projects: Type.Integer(),
        tasksCreated: Type.Integer(),
        tasksAssigned: Type.Integer(),
        tasksDone: Type.Integer(),
      }),
      401: Message,
    },
  },
  ping: { response: { 200: Type.Object({ ok: Type.Boolean() }) } },
}
