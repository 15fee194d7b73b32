import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Person, refusal, type Workspace } from './workspace.ts'

let workspace: Workspace
let owner: Person
let projectId: string

beforeAll(async () => {
  workspace = await createWorkspace()
  owner = await workspace.person('owner')
  projectId = (await workspace.project(owner)).id
})
afterAll(() => workspace[Symbol.asyncDispose]())

async function tasksOf(person: Person, project: string, count: number): Promise<string[]> {
  const tasks = Array.from({ length: count }, (_, index) => ({ title: `Task ${index}` }))
  const { data } = await workspace.as(person).tasks.createMany({ projectId: project, tasks })
  return data.map(({ id }) => id)
}

describe('tasks read by id in one batch', () => {
  it('are one round trip, each with its own answer', async () => {
    const ids = await tasksOf(owner, projectId, 10)
    const { answer, roundTrips } = await workspace.counted(owner, ({ tasks }) =>
      Promise.all(ids.map((id) => tasks.get({ id }))),
    )
    expect(answer.map(({ id, title }) => [id, title])).toEqual(ids.map((id, index) => [id, `Task ${index}`]))
    expect(roundTrips).toBe(1)
  })

  it('stand side by side with those that are missing, deleted or of others', async () => {
    const stranger = await workspace.person('stranger')
    const theirs = await workspace.project(stranger)
    const [foreign = ''] = await tasksOf(stranger, theirs.id, 1)
    const [mine = '', deleted = ''] = await tasksOf(owner, projectId, 2)
    await workspace.as(owner).tasks.delete({ id: deleted })
    const { answer, roundTrips } = await workspace.counted(owner, ({ tasks }) =>
      Promise.all([
        tasks.get({ id: mine }),
        refusal(tasks.get({ id: foreign })),
        refusal(tasks.get({ id: randomUUID() })),
        refusal(tasks.get({ id: deleted })),
        refusal(tasks.get({ id: 'no id' })),
        tasks.get({ id: mine.toUpperCase() }),
      ]),
    )
    const missing = expect.objectContaining({ code: 'NOT_FOUND' })
    expect(answer).toEqual([
      expect.objectContaining({ id: mine }),
      missing,
      missing,
      missing,
      expect.objectContaining({ code: 'BAD_REQUEST', fields: ['id'] }),
      expect.objectContaining({ id: mine }),
    ])
    expect(roundTrips).toBe(1)
  })

  it('are asked for by each caller alone', async () => {
    const stranger = await workspace.person('stranger')
    const ids = await tasksOf(owner, projectId, 3)
    const [found, refused] = await Promise.all([
      workspace.counted(owner, ({ tasks }) => Promise.all(ids.map((id) => tasks.get({ id })))),
      workspace.counted(stranger, ({ tasks }) => Promise.all(ids.map((id) => refusal(tasks.get({ id }))))),
    ])
    expect(found.answer.map(({ id }) => id)).toEqual(ids)
    expect(refused.answer.map(({ code }) => code)).toEqual(ids.map(() => 'NOT_FOUND'))
    expect([found.roundTrips, refused.roundTrips]).toEqual([1, 1])
  })

  it('are audited one by one where membership is stepped over, which others of the moment do not', async () => {
    const admin = await workspace.person('root', 'super_admin')
    const ids = await tasksOf(owner, projectId, 3)
    const { tasks } = workspace.as(admin, { bypassReason: 'ticket 18' })
    const [seen, unseen] = await Promise.all([
      Promise.all(ids.map((id) => tasks.get({ id }))),
      Promise.all(ids.map((id) => refusal(workspace.as(admin).tasks.get({ id })))),
    ])
    expect(seen.map(({ id }) => id)).toEqual(ids)
    expect(unseen.map(({ code }) => code)).toEqual(ids.map(() => 'NOT_FOUND'))
    const rows = await workspace.database.prisma.auditEvent.findMany({ where: { actorId: admin.id } })
    expect(rows.map(({ targetId }) => targetId).toSorted()).toEqual(ids.toSorted())
  })

  it('share their round trip with reads of another kind', async () => {
    const [id = ''] = await tasksOf(owner, projectId, 1)
    const { answer, roundTrips } = await workspace.counted(owner, ({ tasks, projects }) =>
      Promise.all([
        tasks.get({ id }),
        projects.get({ id: projectId }),
        tasks.get({ id }),
        projects.get({ id: projectId }),
      ]),
    )
    expect(answer.map((found) => found.id)).toEqual([id, projectId, id, projectId])
    expect(roundTrips).toBe(1)
  })
})
