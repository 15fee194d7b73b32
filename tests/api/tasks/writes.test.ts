import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Person, refusal, type Workspace } from './workspace.ts'

let workspace: Workspace
let owner: Person
let editor: Person
let viewer: Person
let stranger: Person
let projectId: string

beforeAll(async () => {
  workspace = await createWorkspace()
  owner = await workspace.person('owner')
  editor = await workspace.person('editor')
  viewer = await workspace.person('viewer')
  stranger = await workspace.person('stranger')
  const members = [
    [editor, 'editor'],
    [viewer, 'viewer'],
  ] as const
  projectId = (await workspace.project(owner, members)).id
})
afterAll(() => workspace[Symbol.asyncDispose]())

const create = (title = 'A task') => workspace.as(editor).tasks.create({ projectId, title })

describe('a task', () => {
  it('goes through its life', async () => {
    const tasks = workspace.as(editor).tasks
    const made = await tasks.create({
      projectId: projectId.toUpperCase(),
      title: 'Paint',
      dueAt: '2027-01-01T10:00:00+02:00',
    })
    expect(made).toEqual({
      id: expect.any(String),
      projectId,
      title: 'Paint',
      description: null,
      status: 'todo',
      priority: 0,
      dueAt: '2027-01-01T08:00:00.000Z',
      assigneeId: null,
      createdById: editor.id,
      version: 1,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: made.createdAt,
    })
    expect(await workspace.as(viewer).tasks.get({ id: made.id })).toEqual(made)
    const changed = await tasks.update({
      id: made.id,
      data: { status: 'doing', assigneeId: viewer.id, description: 'Blue' },
    })
    expect(changed).toMatchObject({ status: 'doing', assigneeId: viewer.id, description: 'Blue', version: 2 })
    const cleared = await tasks.update({
      id: made.id,
      data: { dueAt: null, assigneeId: null, description: null },
    })
    expect(cleared).toMatchObject({ dueAt: null, assigneeId: null, description: null, title: 'Paint' })
    expect(await tasks.delete({ id: made.id })).toEqual({ ok: true })
    const missing = { code: 'NOT_FOUND' }
    expect(await refusal(tasks.get({ id: made.id }))).toMatchObject(missing)
    expect(await refusal(tasks.delete({ id: made.id }))).toMatchObject(missing)
    expect(await refusal(tasks.update({ id: made.id, data: { title: 'x' } }))).toMatchObject(missing)
    expect((await tasks.list({ projectId })).data.map((task) => task.id)).not.toContain(made.id)
    const restored = await tasks.restore({ id: made.id })
    expect(restored).toMatchObject({ id: made.id, title: 'Paint' })
    expect(await tasks.restore({ id: made.id })).toEqual(restored)
    expect(await tasks.get({ id: made.id })).toEqual(restored)
  })

  it.each(['0001-01-01T00:00:00.000Z', '1883-11-18T12:03:58.123Z', '9999-12-31T23:59:59.999Z'])(
    'keeps the due date %s to the millisecond',
    async (dueAt) => {
      const { id } = await workspace.as(editor).tasks.create({ projectId, title: 'Dated', dueAt })
      expect((await workspace.as(editor).tasks.get({ id })).dueAt).toBe(dueAt)
      expect((await workspace.as(editor).tasks.update({ id, data: { dueAt } })).dueAt).toBe(dueAt)
    },
  )

  it.each([
    ['9999-12-31T23:59:59.9999Z', '9999-12-31T23:59:59.999Z'],
    ['2026-12-01T10:00:00.1236+23:59', '2026-11-30T10:01:00.123Z'],
  ])('cuts the due date %s to the millisecond, however it is written', async (dueAt, kept) => {
    const { tasks } = workspace.as(editor)
    const one = await tasks.create({ projectId, title: 'One', dueAt })
    const { data } = await tasks.createMany({ projectId, tasks: [{ title: 'Many', dueAt }] })
    const updated = await tasks.update({ id: one.id, data: { dueAt } })
    expect([one, ...data, updated].map((task) => task.dueAt)).toEqual([kept, kept, kept])
    expect((await tasks.get({ id: one.id })).dueAt).toBe(kept)
  })

  it('is not there for strangers, exactly like a random id, and read-only for viewers', async () => {
    const { id } = await create()
    const missing = randomUUID()
    const calls = (as: Person, taskId: string, project: string) => {
      const { tasks } = workspace.as(as)
      return [
        () => tasks.create({ projectId: project, title: 'x' }),
        () => tasks.createMany({ projectId: project, tasks: [{ title: 'x' }] }),
        () => tasks.update({ id: taskId, data: { title: 'x' } }),
        () => tasks.update({ id: taskId, data: { assigneeId: stranger.id }, version: 9 }),
        () => tasks.delete({ id: taskId }),
        () => tasks.restore({ id: taskId }),
        () => tasks.get({ id: taskId }),
        () => tasks.list({ projectId: project }),
      ]
    }
    const answers = (list: (() => Promise<unknown>)[]) => Promise.all(list.map((call) => refusal(call())))
    const foreign = await answers(calls(stranger, id, projectId))
    expect(foreign).toEqual(await answers(calls(stranger, missing, missing)))
    expect(new Set(foreign.map((answer) => answer.code))).toEqual(new Set(['NOT_FOUND']))
    const viewed = await answers(calls(viewer, id, projectId).slice(0, 6))
    expect(new Set(viewed.map((answer) => answer.code))).toEqual(new Set(['FORBIDDEN']))
    expect(await workspace.as(viewer).tasks.get({ id })).toMatchObject({ version: 1 })
  })

  it('refuses unknown fields, empty updates and assignees from outside, naming them', async () => {
    const { id } = await create()
    const { tasks } = workspace.as(editor)
    for (const field of ['id', 'projectId', 'createdById', 'createdAt', 'version', 'deletedAt']) {
      const data = { title: 'x', [field]: 'x' }
      expect(await refusal(tasks.update({ id, data }))).toMatchObject({ fields: [`data.${field}`] })
    }
    expect(await refusal(tasks.update({ id, data: {} }))).toMatchObject({ fields: ['data'] })
    expect(await refusal(tasks.update({ id, data: { title: undefined } }))).toMatchObject({
      fields: ['data'],
    })
    const outside = { code: 'BAD_REQUEST', fields: ['assigneeId'] }
    const assigneeId = stranger.id
    expect(await refusal(tasks.create({ projectId, title: 'x', assigneeId }))).toMatchObject(outside)
    expect(await refusal(tasks.update({ id, data: { assigneeId } }))).toMatchObject({
      code: 'BAD_REQUEST',
      fields: ['data.assigneeId'],
    })
    const many = [{ title: 'a' }, { title: 'b', assigneeId: viewer.id }, { title: 'c', assigneeId }]
    const before = await workspace.database.prisma.task.count()
    expect(await refusal(tasks.createMany({ projectId, tasks: many }))).toMatchObject({
      code: 'BAD_REQUEST',
      fields: ['tasks.2.assigneeId'],
    })
    expect(await workspace.database.prisma.task.count()).toBe(before)
    expect(await workspace.as(editor).tasks.get({ id })).toMatchObject({ version: 1, assigneeId: null })
  })

  it('lets one of two editors with the same version through (D5)', async () => {
    const { id, version } = await create()
    const edits = Array.from({ length: 6 }, (_, index) =>
      workspace
        .as(index % 2 === 0 ? editor : owner)
        .tasks.update({ id, version, data: { priority: index % 5 } }),
    )
    const settled = await Promise.allSettled(edits)
    expect(settled.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const lost = edits.filter((_, index) => settled[index]?.status === 'rejected')
    for (const edit of lost)
      expect(await refusal(edit)).toMatchObject({ code: 'CONFLICT', reason: 'VERSION_CONFLICT' })
    expect((await workspace.as(editor).tasks.get({ id })).version).toBe(2)
  })

  it('loses no field when editors change different ones at once', async () => {
    const { id } = await create()
    const { tasks } = workspace.as(editor)
    await Promise.all([
      tasks.update({ id, data: { title: 'New title' } }),
      tasks.update({ id, data: { priority: 4 } }),
      tasks.update({ id, data: { status: 'done' } }),
    ])
    expect(await tasks.get({ id })).toMatchObject({
      title: 'New title',
      priority: 4,
      status: 'done',
      version: 4,
    })
  })

  it('is gone with its project and back with it', async () => {
    const { id: other } = await workspace.project(owner, [[editor, 'editor']])
    const { tasks, projects } = workspace.as(owner)
    const { id } = await tasks.create({ projectId: other, title: 'x' })
    await projects.delete({ id: other })
    const calls = [
      () => tasks.get({ id }),
      () => tasks.list({ projectId: other }),
      () => tasks.create({ projectId: other, title: 'y' }),
      () => tasks.update({ id, data: { title: 'y' } }),
      () => tasks.delete({ id }),
      () => tasks.restore({ id }),
    ]
    for (const call of calls) expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' })
    await projects.restore({ id: other })
    expect(await tasks.get({ id })).toMatchObject({ title: 'x', version: 1 })
  })
})

describe('tasks.createMany', () => {
  it('creates 1,000 tasks in order, with one audit row and an event each', async () => {
    const { id } = await workspace.project(owner)
    const tasks = Array.from({ length: 1_000 }, (_, index) => ({ title: `Task ${index}`, description: 'd' }))
    const { answer, roundTrips } = await workspace.counted(owner, (caller) =>
      caller.tasks.createMany({ projectId: id, tasks }),
    )
    expect(answer.data.map((task) => task.title)).toEqual(tasks.map((task) => task.title))
    // BEGIN and tasks; audit, events, (other processes) and COMMIT.
    expect(roundTrips).toBe(2)
    const { prisma } = workspace.database
    expect(await prisma.event.count({ where: { stream: `project:${id}:tasks` } })).toBe(1_000)
    expect(await prisma.auditEvent.count({ where: { targetId: id, action: 'tasks.createMany' } })).toBe(1)
  })

  it('takes 1–1,000 tasks and names what is wrong in which', async () => {
    const { tasks } = workspace.as(editor)
    const tooMany = Array.from({ length: 1_001 }, () => ({ title: 'x' }))
    expect(await refusal(tasks.createMany({ projectId, tasks: [] }))).toMatchObject({ fields: ['tasks'] })
    expect(await refusal(tasks.createMany({ projectId, tasks: tooMany }))).toMatchObject({
      fields: ['tasks'],
    })
    const bad = [{ title: 'x' }, { title: ' ' }, { title: 'x', priority: 5 }]
    expect(await refusal(tasks.createMany({ projectId, tasks: bad }))).toMatchObject({
      fields: ['tasks.1.title', 'tasks.2.priority'],
    })
  })

  it('happens once per idempotency key', async () => {
    const { id } = await workspace.project(owner)
    const { tasks } = workspace.as(owner, { idempotencyKey: randomUUID() })
    const input = { projectId: id, tasks: [{ title: 'a' }, { title: 'b' }] }
    const answers = await Promise.all([
      tasks.createMany(input),
      tasks.createMany(input),
      tasks.createMany(input),
    ])
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect((await workspace.as(owner).tasks.list({ projectId: id, page: 1 })).pagination.total).toBe(2)
  })
})

describe('a super admin', () => {
  it('is a stranger until they say why, and every look is then audited', async () => {
    const admin = await workspace.person('root', 'super_admin')
    const { id } = await create()
    expect(await refusal(workspace.as(admin).tasks.get({ id }))).toMatchObject({ code: 'NOT_FOUND' })
    const { tasks } = workspace.as(admin, { bypassReason: 'ticket 17' })
    expect(await tasks.get({ id })).toMatchObject({ id })
    expect((await tasks.list({ projectId, limit: 1 })).data).toHaveLength(1)
    expect(await tasks.update({ id, data: { priority: 3 } })).toMatchObject({ priority: 3 })
    const rows = await workspace.database.prisma.auditEvent.findMany({
      where: { actorId: admin.id },
      orderBy: { id: 'asc' },
    })
    expect(rows.map((row) => [row.action, row.changes])).toEqual([
      ['tasks.get', { bypass: 'ticket 17' }],
      ['tasks.list', { bypass: 'ticket 17' }],
      ['tasks.update', { priority: 3, bypass: 'ticket 17' }],
    ])
    expect(await refusal(workspace.as(owner, { bypassReason: 'me too' }).tasks.get({ id }))).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})
