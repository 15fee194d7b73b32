import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Person, refusal, type Workspace } from '../tasks/workspace.ts'

let workspace: Workspace
let owner: Person
let viewer: Person
let stranger: Person

beforeAll(async () => {
  workspace = await createWorkspace()
  owner = await workspace.person('owner')
  viewer = await workspace.person('viewer')
  stranger = await workspace.person('stranger')
})
afterAll(() => workspace[Symbol.asyncDispose]())

const slug = () => `p-${randomUUID()}`

describe('a project', () => {
  it('goes through its life', async () => {
    const { projects } = workspace.as(owner)
    const name = slug()
    const made = await projects.create({ name: 'Garden', slug: name })
    expect(made).toEqual({
      id: expect.any(String),
      name: 'Garden',
      slug: name,
      description: null,
      role: 'owner',
      version: 1,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: made.createdAt,
    })
    const { answer, roundTrips } = await workspace.counted(owner, (as) => as.projects.get({ id: made.id }))
    expect([answer, roundTrips]).toEqual([made, 1])
    const renamed = await projects.update({ id: made.id, data: { name: 'Orchard' }, version: 1 })
    expect(renamed).toMatchObject({ name: 'Orchard', slug: name, version: 2, role: 'owner' })
    expect(await refusal(projects.update({ id: made.id, data: { name: 'x' }, version: 1 }))).toMatchObject({
      reason: 'VERSION_CONFLICT',
    })
    await projects.delete({ id: made.id })
    expect(await refusal(projects.get({ id: made.id }))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusal(projects.delete({ id: made.id }))).toMatchObject({ code: 'NOT_FOUND' })
    expect((await projects.list({ search: name })).data).toEqual([])
    expect(await refusal(projects.create({ name: 'Again', slug: name }))).toMatchObject({
      code: 'CONFLICT',
      reason: 'SLUG_TAKEN',
      fields: ['slug'],
    })
    const restored = await projects.restore({ id: made.id })
    expect(restored).toMatchObject({ id: made.id, name: 'Orchard', role: 'owner' })
    expect(await projects.restore({ id: made.id })).toEqual(restored)
    expect(await projects.get({ id: made.id })).toEqual(restored)
  })

  it('has a slug of its own', async () => {
    const { projects } = workspace.as(owner)
    const [first, second] = [slug(), slug()]
    const winners = await Promise.allSettled(
      [1, 2, 3, 4].map(() => projects.create({ name: 'x', slug: first })),
    )
    expect(winners.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const { id } = await projects.create({ name: 'x', slug: second })
    expect(await refusal(projects.update({ id, data: { slug: first } }))).toMatchObject({
      reason: 'SLUG_TAKEN',
      fields: ['slug'],
    })
    for (const bad of ['', 'A', 'a b', '-a', 'a-', 'a--b', 'ä', 'a\n', 'a'.repeat(61)]) {
      expect(await refusal(projects.create({ name: 'x', slug: bad }))).toMatchObject({ fields: ['slug'] })
    }
  })

  it('is not there for strangers, exactly like a random id, and read-only for other members', async () => {
    const { id } = await workspace.project(owner, [[viewer, 'viewer']])
    const calls = (as: Person, projectId: string) => {
      const { projects } = workspace.as(as)
      return [
        () => projects.update({ id: projectId, data: { name: 'x' } }),
        () => projects.delete({ id: projectId }),
        () => projects.restore({ id: projectId }),
        () => projects.members.add({ projectId, email: stranger.email, role: 'viewer' }),
        () => projects.members.setRole({ projectId, userId: owner.id, role: 'viewer' }),
        () => projects.members.remove({ projectId, userId: owner.id }),
        () => projects.get({ id: projectId }),
        () => projects.members.list({ projectId }),
      ]
    }
    const answers = (list: (() => Promise<unknown>)[]) => Promise.all(list.map((call) => refusal(call())))
    const foreign = await answers(calls(stranger, id))
    expect(foreign).toEqual(await answers(calls(stranger, randomUUID())))
    expect(new Set(foreign.map((answer) => answer.code))).toEqual(new Set(['NOT_FOUND']))
    const viewed = await answers(calls(viewer, id).slice(0, 6))
    expect(new Set(viewed.map((answer) => answer.code))).toEqual(new Set(['FORBIDDEN']))
    expect(await workspace.as(viewer).projects.get({ id })).toMatchObject({ role: 'viewer', version: 1 })
  })

  it('is listed for its members only, both ways, while others are added', async () => {
    const me = await workspace.person('me')
    const { projects } = workspace.as(me)
    await workspace.project(stranger)
    const ids: string[] = []
    for (let index = 0; index < 23; index += 1) {
      ids.unshift((await projects.create({ name: `Plan ${index}%`, slug: slug() })).id)
    }
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await projects.list({ limit: 5, cursor })
      found.push(...page.data.map((project) => project.id))
      cursor = page.pagination.nextCursor ?? undefined
      await projects.create({ name: 'Later', slug: slug() })
    } while (cursor !== undefined)
    expect(new Set(found)).toEqual(new Set(ids))
    expect(found).toHaveLength(23)
    const second = await projects.list({ search: 'plan', page: 2, limit: 10 })
    expect(second.pagination).toMatchObject({ total: 23, hasNext: true })
    expect((await projects.list({ search: 'plan', page: 9 })).pagination.total).toBe(23)
    expect((await projects.list({ search: '22%' })).data.map((project) => project.name)).toEqual(['Plan 22%'])
    expect((await projects.list({ search: '_' })).data).toEqual([])
    const { roundTrips } = await workspace.counted(me, (as) => as.projects.list({ page: 1 }))
    expect(roundTrips).toBe(1)
  })
})
