import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Person, refusal, type Workspace } from './workspace.ts'

let workspace: Workspace
let editor: Person
let viewer: Person
let stranger: Person
let projectId: string
beforeAll(async () => {
  workspace = await createWorkspace()
  const owner = await workspace.person('owner')
  editor = await workspace.person('editor')
  viewer = await workspace.person('viewer')
  stranger = await workspace.person('stranger')
  const project = await workspace.project(owner, [
    [editor, 'editor'],
    [viewer, 'viewer'],
  ])
  projectId = project.id
})
afterAll(() => workspace[Symbol.asyncDispose]())

const stream = () => `project:${projectId}:tasks`

/** Everything that creating a task may leave behind. */
async function traces() {
  const { prisma } = workspace.database
  const [tasks, audits, events, head, notifications] = await Promise.all([
    prisma.task.count(),
    prisma.auditEvent.count(),
    prisma.event.count(),
    prisma.eventStream.findUnique({ where: { name: stream() } }),
    prisma.notification.count(),
  ])
  return { tasks, audits, events, last: head?.lastId ?? 0n, notifications }
}

describe('tasks.create', () => {
  it('is one round trip, with its audit row and its event', async () => {
    const before = await traces()
    const { answer, roundTrips } = await workspace.counted(editor, ({ tasks }) =>
      tasks.create({ projectId, title: 'Paint', dueAt: '2026-12-01T10:00:00.123456+02:00', priority: 3 }),
    )
    expect(roundTrips).toBe(1)
    expect(answer).toMatchObject({ dueAt: '2026-12-01T08:00:00.123Z', createdById: editor.id, version: 1 })
    expect(await workspace.as(editor).tasks.get({ id: answer.id })).toEqual(answer)
    const { prisma } = workspace.database
    const audits = await prisma.auditEvent.findMany({ where: { targetId: answer.id } })
    expect(audits).toMatchObject([
      { action: 'tasks.create', actorId: editor.id, surface: 'trpc', targetType: 'task', ip: '127.0.0.1' },
    ])
    expect(audits[0]?.changes).toMatchObject({ projectId, title: 'Paint', priority: 3 })
    const events = await prisma.event.findMany({ where: { stream: stream(), id: { gt: before.last } } })
    expect(events).toMatchObject([{ id: before.last + 1n, type: 'task.created', data: answer }])
  })

  it('tells whom the task is given to, unless they made it themselves', async () => {
    const before = await traces()
    const own = { projectId, title: 'Mine', assigneeId: editor.id }
    const { answer, roundTrips } = await workspace.counted(editor, ({ tasks }) => tasks.create(own))
    expect(answer.assigneeId).toBe(editor.id)
    expect(roundTrips).toBe(1)
    expect(await traces()).toMatchObject({ tasks: before.tasks + 1, notifications: before.notifications })
    const given = await workspace
      .as(editor)
      .tasks.create({ projectId, title: 'Yours', assigneeId: viewer.id })
    expect(await workspace.as(viewer).tasks.get({ id: given.id })).toEqual(given)
    expect(await traces()).toMatchObject({
      tasks: before.tasks + 2,
      audits: before.audits + 2,
      last: before.last + 2n,
      notifications: before.notifications + 1,
    })
  })

  it('leaves nothing behind when it is refused', async () => {
    const before = await traces()
    const title = 'x'
    const calls = [
      { who: stranger, code: 'NOT_FOUND', input: { projectId, title } },
      { who: viewer, code: 'FORBIDDEN', input: { projectId, title } },
      { who: editor, code: 'NOT_FOUND', input: { projectId: randomUUID(), title } },
      { who: editor, code: 'BAD_REQUEST', input: { projectId, title, assigneeId: stranger.id } },
    ]
    for (const { who, code, input } of calls) {
      expect(await refusal(workspace.as(who).tasks.create(input))).toMatchObject({ code })
      const keyed = workspace.as(who, { idempotencyKey: randomUUID() })
      expect(await refusal(keyed.tasks.create(input))).toMatchObject({ code })
    }
    expect(await traces()).toEqual(before)
    expect(await workspace.database.prisma.idempotencyKey.count()).toBe(0)
  })

  it('happens once for one idempotency key, and gives the same answer again', async () => {
    const before = await traces()
    const idempotencyKey = randomUUID()
    const input = { projectId, title: 'Once' }
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => workspace.as(editor, { idempotencyKey }).tasks.create(input)),
    )
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await traces()).toMatchObject({
      tasks: before.tasks + 1,
      audits: before.audits + 1,
      last: before.last + 1n,
    })
  })

  it('numbers the events of many at once without a gap', async () => {
    const before = await traces()
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        workspace.as(editor).tasks.create({ projectId, title: `${index}` }),
      ),
    )
    const events = await workspace.database.prisma.event.findMany({
      where: { stream: stream(), id: { gt: before.last } },
      orderBy: { id: 'asc' },
    })
    expect(events.map(({ id }) => id - before.last)).toEqual(made.map((_, index) => BigInt(index + 1)))
    const told = events.map(({ data }) => Reflect.get(Object(data), 'id'))
    expect(new Set(told)).toEqual(new Set(made.map(({ id }) => id)))
  })
})
