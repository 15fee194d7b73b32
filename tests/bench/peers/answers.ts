import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type Answer, field, send } from '../../support/http.ts'
import type { LoadRequest } from '../support/load.ts'
import { able, type Peer, requestOf, type Tokens } from './peer.ts'
import type { Caller } from './population.ts'
import type { CallWork } from './works.ts'

const Moment = z.iso.datetime({ precision: 3 })
const Task = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  title: z.string(),
  description: z.string().nullable(),
  status: z.string(),
  priority: z.number(),
  dueAt: Moment.nullable(),
  assigneeId: z.uuid().nullable(),
  createdById: z.uuid().nullable(),
  version: z.number(),
  createdAt: Moment,
  updatedAt: Moment,
})
/** What cannot be the same twice. */
const Created = Task.extend({ id: z.uuid().transform(() => 'an id') }).extend({
  createdAt: Moment.transform(() => 'now'),
  updatedAt: Moment.transform(() => 'now'),
})
const Stats = z.object({
  projects: z.number(),
  tasksCreated: z.number(),
  tasksAssigned: z.number(),
  tasksDone: z.number(),
})

/** What must be the same, whatever a server adds to it. */
const shapes: Record<CallWork, z.ZodType> = {
  list: z.object({ data: z.array(Task).length(20) }),
  get: Task,
  batch: z.array(Task).length(10),
  cached: Stats,
  // Each does nothing in its own way.
  ping: z.unknown().transform(() => 'nothing'),
  // Plinth and the others log in different users.
  login: z
    .object({ user: z.object({ email: z.email(), fullName: z.string() }), accessToken: z.string().min(100) })
    .transform(() => 'a user and a token'),
  create: Created,
}

/** Sends a request and reads the answer. @throws Error when it is no success */
export async function ask(baseUrl: string, request: LoadRequest): Promise<Answer> {
  const { path, ...init } = request
  const answer = await send(baseUrl + path, init)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text.slice(0, 500)}`)
  return answer
}

/**
 * What a server answers, one answer for each of `callers` who can ask; undefined where it has no such thing.
 * @throws Error when the answer is no success or has not the shape it must have
 */
export async function answersOf(
  baseUrl: string,
  peer: Peer,
  tokens: Tokens,
  work: CallWork,
  callers: readonly Caller[],
): Promise<unknown[] | undefined> {
  const found: unknown[] = []
  for (const caller of able(peer, work, callers)) {
    const call = peer.wire.call(work, caller)
    if (call === undefined) return undefined
    const { body } = await ask(baseUrl, requestOf(tokens, caller, call))
    const data = peer.wire.dataOf(work, body)
    const read = shapes[work].safeParse(data)
    if (!read.success) throw new Error(`${peer.name}, ${work}: ${z.prettifyError(read.error)}`)
    if (work === 'login' && field(field(data, 'user'), 'email') !== caller.email)
      throw new Error(`${peer.name} logged somebody else in`)
    found.push(read.data)
  }
  return found.length === 0 ? undefined : found
}

/** @throws Error that shows both when they are not the same */
export function requireSame(work: CallWork, ours: [string, unknown], theirs: [string, unknown]): void {
  const [name, expected] = ours
  const [other, found] = theirs
  if (isDeepStrictEqual(expected, found)) return
  const shown = [expected, found].map((value) => JSON.stringify(value).slice(0, 1_500))
  throw new Error(`${work}: ${name} and ${other} answer differently\n${shown.join('\n')}`)
}
