import type { ServerResponse } from 'node:http'
import bcrypt from 'bcrypt'
import { z } from 'zod'
import { changes, type TaskChange } from '../shared/changes.ts'
import { ListInput, LoginInput, NewTask } from '../shared/schemas.ts'
import { cachedStats } from '../shared/stats-cache.ts'
import { signToken, verifyToken } from '../shared/token.ts'
import { HttpError } from './http-error.ts'
import * as queries from './queries.ts'

/** What a handler gets. */
export interface Call {
  readonly id: string
  readonly token: string | undefined
  readonly search: Readonly<Record<string, string>>
  readonly body: unknown
}

/** What it gives: a body, or something that goes on writing. */
export interface Answer {
  readonly status?: number
  readonly body?: unknown
  readonly stream?: (res: ServerResponse) => void
}

const Id = z.uuid()

const handlers: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
  'GET /ping': async () => ({ body: { ok: true } }),

  'POST /login': async ({ body }) => {
    const { email, password } = LoginInput.parse(body)
    const user = await queries.findUserByEmail(email)
    if (user === undefined || !(await bcrypt.compare(password, user.passwordHash))) throw new HttpError(401)
    const { id, fullName } = user
    return { body: { user: { id, email, fullName }, accessToken: await signToken(id) } }
  },

  'GET /users/me/stats': async (call) => {
    const { id } = await requireUser(call)
    return { body: await cachedStats(id, () => queries.countWork(id)) }
  },

  'GET /projects/:id/tasks': async (call) => {
    const user = await requireUser(call)
    const projectId = Id.parse(call.id)
    const { limit, cursor } = ListInput.parse(call.search)
    await requireMember(projectId, user.id)
    return { body: await queries.listTasks(projectId, limit, cursor) }
  },

  'GET /tasks/:id': async (call) => {
    const user = await requireUser(call)
    const task = await queries.findTask(Id.parse(call.id))
    if (task === undefined) throw new HttpError(404)
    await requireMember(task.projectId, user.id)
    return { body: task }
  },

  'POST /projects/:id/tasks': async (call) => {
    const user = await requireUser(call)
    const projectId = Id.parse(call.id)
    const input = NewTask.parse(call.body)
    const role = await requireMember(projectId, user.id)
    if (role === 'viewer') throw new HttpError(403)
    const task = await queries.insertTask(projectId, user.id, input)
    changes.emit(projectId, { type: 'task.created', task })
    return { status: 201, body: task }
  },

  'GET /projects/:id/events': async (call) => {
    const user = await requireUser(call)
    const projectId = Id.parse(call.id)
    await requireMember(projectId, user.id)
    return {
      stream(res) {
        const send = (change: TaskChange) => {
          res.write(`event: ${change.type}\ndata: ${JSON.stringify(change)}\n\n`)
        }
        changes.on(projectId, send)
        res.on('close', () => changes.off(projectId, send))
      },
    }
  },
}

/** The handler of a path whose middle segment may be an id. */
export function findRoute(method: string, pathname: string) {
  const exact = handlers[`${method} ${pathname}`]
  if (exact !== undefined) return { run: exact, id: '' }
  const [, first, id = '', ...rest] = pathname.split('/')
  const run = handlers[`${method} /${[first, ':id', ...rest].join('/')}`]
  return run && { run, id }
}

async function requireUser({ token }: Call) {
  const userId = token === undefined ? undefined : await verifyToken(token)
  const user = userId === undefined ? undefined : await queries.findUser(userId)
  if (user === undefined) throw new HttpError(401)
  return user
}

async function requireMember(projectId: string, userId: string) {
  const role = await queries.findRole(projectId, userId)
  if (role === undefined) throw new HttpError(403)
  return role
}
