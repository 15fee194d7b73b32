import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Person, refusal, type Workspace } from './workspace.ts'

let workspace: Workspace
let owner: Person

beforeAll(async () => {
  workspace = await createWorkspace()
  owner = await workspace.person('owner')
})
afterAll(() => workspace[Symbol.asyncDispose]())

type ListInput = Parameters<ReturnType<Workspace['as']>['tasks']['list']>[0]

async function all(input: ListInput, between: () => Promise<unknown> = async () => undefined) {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await workspace.as(owner).tasks.list({ ...input, cursor })
    expect(page.pagination.hasNext).toBe(page.pagination.nextCursor !== null)
    ids.push(...page.data.map((task) => task.id))
    cursor = page.pagination.nextCursor ?? undefined
    await between()
  } while (cursor !== undefined)
  return ids
}

async function filled(count: number) {
  const { id: projectId } = await workspace.project(owner)
  const tasks = Array.from({ length: count }, (_, index) => ({
    title: `${index % 3 === 0 ? 'alpha' : 'Beta'} ${String(index % 7)}`,
    priority: index % 5,
    status: (['todo', 'doing', 'done'] as const)[index % 3],
    ...(index % 4 === 0 ? {} : { dueAt: new Date(Date.UTC(2027, 0, 1 + (index % 6))).toISOString() }),
  }))
  const { data } = await workspace.as(owner).tasks.createMany({ projectId, tasks })
  return { projectId, tasks: data }
}

describe('tasks.list', () => {
  it.each([
    'createdAt',
    '-createdAt',
    'updatedAt',
    '-updatedAt',
    'dueAt',
    '-dueAt',
    'priority',
    '-priority',
    'title',
    '-title',
  ] as const)('finds every task once by cursor, sorted by %s, while others add tasks', async (sort) => {
    const { projectId, tasks } = await filled(45)
    const before = new Set(tasks.map((task) => task.id))
    let added = 0
    const ids = await all({ projectId, sort, limit: 7 }, async () => {
      const title = `zz added ${added++}`
      await workspace.as(owner).tasks.create({ projectId, title, priority: 2 })
    })
    expect(added).toBeGreaterThan(5)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => before.has(id))).toHaveLength(45)
  })

  it('has tasks without due date last in both directions, and the same order in pages as in one', async () => {
    const { projectId, tasks } = await filled(45)
    for (const sort of ['dueAt', '-dueAt', 'title', '-priority'] as const) {
      const whole = (await workspace.as(owner).tasks.list({ projectId, sort, limit: 100 })).data
      expect(await all({ projectId, sort, limit: 4 })).toEqual(whole.map((task) => task.id))
      if (!sort.endsWith('dueAt')) continue
      const without = tasks.filter((task) => task.dueAt === null).length
      expect(whole.slice(0, 45 - without).every((task) => task.dueAt !== null)).toBe(true)
    }
  })

  it('keeps the order of createMany and shows it newest first unless asked otherwise', async () => {
    const { projectId, tasks } = await filled(30)
    const ids = tasks.map((task) => task.id)
    expect(await all({ projectId, sort: 'createdAt', limit: 8 })).toEqual(ids)
    expect(await all({ projectId, limit: 8 })).toEqual([...ids].reverse())
  })

  it('finds every task once by page number while others add tasks behind', async () => {
    const { projectId, tasks } = await filled(45)
    const ids: string[] = []
    for (let page = 1; ; page += 1) {
      const answer = await workspace.as(owner).tasks.list({ projectId, sort: 'createdAt', page, limit: 10 })
      ids.push(...answer.data.map((task) => task.id))
      expect(answer.pagination.total).toBe(44 + page)
      await workspace.as(owner).tasks.create({ projectId, title: 'later' })
      if (ids.length >= 45) break
    }
    expect(ids.slice(0, 45)).toEqual(tasks.map((task) => task.id))
    const beyond = await workspace.as(owner).tasks.list({ projectId, page: 99 })
    expect(beyond).toEqual({
      data: [],
      pagination: { hasNext: false, nextCursor: null, limit: 20, total: 50 },
    })
  })

  it('filters by status and assignee', async () => {
    const { projectId, tasks } = await filled(9)
    const [first] = tasks
    if (first === undefined) throw new Error('no task')
    await workspace.as(owner).tasks.update({ id: first.id, data: { assigneeId: owner.id } })
    const mine = await workspace.as(owner).tasks.list({ projectId, assigneeId: owner.id.toUpperCase() })
    expect(mine.data.map((task) => task.id)).toEqual([first.id])
    const done = await workspace.as(owner).tasks.list({ projectId, status: 'done' })
    expect(done.data).toHaveLength(3)
  })

  it('takes the wildcards of a search as text', async () => {
    const { id: projectId } = await workspace.project(owner)
    const titles = ['100% done', 'snake_case', 'back\\slash', 'plain', 'PLAIN text']
    await workspace.as(owner).tasks.createMany({ projectId, tasks: titles.map((title) => ({ title })) })
    await workspace.as(owner).tasks.create({ projectId, title: 'other', description: 'in the plain text' })
    const search = async (text: string) => {
      const { data } = await workspace.as(owner).tasks.list({ projectId, search: text, sort: 'createdAt' })
      return data.map((task) => task.title)
    }
    expect(await search('%')).toEqual(['100% done'])
    expect(await search('_')).toEqual(['snake_case'])
    expect(await search('\\')).toEqual(['back\\slash'])
    expect(await search('plain')).toEqual(['plain', 'PLAIN text', 'other'])
    expect(await search('')).toHaveLength(6)
  })

  it('refuses cursors of other lists and both kinds of pages at once', async () => {
    const { projectId } = await filled(30)
    const list = (input: Partial<ListInput>) => workspace.as(owner).tasks.list({ projectId, ...input })
    const cursor = (await list({ limit: 5 })).pagination.nextCursor ?? ''
    const elsewhere = await filled(1)
    const cursorRefused = { code: 'BAD_REQUEST', fields: ['cursor'] }
    expect(await refusal(list({ cursor, page: 2 }))).toMatchObject({ code: 'BAD_REQUEST', fields: ['page'] })
    expect(await refusal(list({ cursor, sort: 'title' }))).toMatchObject(cursorRefused)
    expect(await refusal(list({ cursor, status: 'done' }))).toMatchObject(cursorRefused)
    expect(await refusal(list({ cursor, projectId: elsewhere.projectId }))).toMatchObject(cursorRefused)
    for (const bad of ['x', 'AAAA', `${cursor}A`, cursor.slice(0, -4), '%', 'a'.repeat(501)]) {
      expect(await refusal(list({ cursor: bad }))).toMatchObject(cursorRefused)
    }
    for (const limit of [0, -1, 1.5, 101, 1e18]) {
      expect(await refusal(list({ limit }))).toMatchObject({ code: 'BAD_REQUEST', fields: ['limit'] })
    }
  })

  it('pages through long and exotic titles', async () => {
    const { id: projectId } = await workspace.project(owner)
    const titles = ['😀'.repeat(150), `${'😀'.repeat(149)}ab`, 'ß', 'ẞ', 'É', 'é', ' ', '\u0001'.repeat(300)]
    const tasks = titles.map((title) => ({ title: `${title}.`.slice(0, 300) }))
    await workspace.as(owner).tasks.createMany({ projectId, tasks })
    for (const sort of ['title', '-title'] as const) {
      expect(new Set(await all({ projectId, sort, limit: 1 })).size).toBe(titles.length)
    }
  })

  it('takes one round trip, also by page and for a project without tasks', async () => {
    const { projectId, tasks } = await filled(30)
    const { id: empty } = await workspace.project(owner)
    const first = await workspace.counted(owner, (caller) => caller.tasks.list({ projectId, limit: 10 }))
    expect([first.roundTrips, first.answer.data.length]).toEqual([1, 10])
    const paged = await workspace.counted(owner, (caller) => caller.tasks.list({ projectId, page: 2 }))
    expect([paged.roundTrips, paged.answer.pagination.total]).toEqual([1, 30])
    const none = await workspace.counted(owner, (caller) => caller.tasks.list({ projectId: empty }))
    expect([none.roundTrips, none.answer.data]).toEqual([1, []])
    const one = await workspace.counted(owner, (caller) => caller.tasks.get({ id: tasks[0]?.id ?? '' }))
    expect(one.roundTrips).toBe(1)
  })
})
