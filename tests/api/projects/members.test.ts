import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace, type Person, refusal, type Workspace } from '../tasks/workspace.ts'

let workspace: Workspace
let owner: Person
let editor: Person
let viewer: Person
let projectId: string

beforeAll(async () => {
  workspace = await createWorkspace()
  owner = await workspace.person('owner')
  editor = await workspace.person('editor')
  viewer = await workspace.person('viewer')
  projectId = (await workspace.project(owner)).id
})
afterAll(() => workspace[Symbol.asyncDispose]())

const ownersOf = (id: string) =>
  workspace.database.prisma.projectMember.count({ where: { projectId: id, role: 'owner' } })

describe('members', () => {
  it('are added by e-mail, listed and given roles', async () => {
    const { members } = workspace.as(owner).projects
    const added = await members.add({ projectId, email: editor.email, role: 'editor' })
    expect(added).toEqual({
      userId: editor.id,
      fullName: 'editor',
      email: editor.email,
      role: 'editor',
      createdAt: expect.stringMatching(/Z$/),
    })
    await members.add({ projectId, email: viewer.email, role: 'viewer' })
    expect(await refusal(members.add({ projectId, email: viewer.email, role: 'owner' }))).toMatchObject({
      reason: 'ALREADY_MEMBER',
    })
    expect(
      await refusal(members.add({ projectId, email: 'nobody@example.com', role: 'viewer' })),
    ).toMatchObject({
      code: 'BAD_REQUEST',
      fields: ['email'],
    })
    const { answer, roundTrips } = await workspace.counted(editor, (as) =>
      as.projects.members.list({ projectId }),
    )
    expect(roundTrips).toBe(1)
    expect(answer.data.map((member) => [member.role, member.email])).toEqual([
      ['owner', owner.email],
      ['editor', editor.email],
      ['viewer', viewer.email],
    ])
    expect((await members.setRole({ projectId, userId: viewer.id, role: 'editor' })).role).toBe('editor')
    expect((await members.setRole({ projectId, userId: viewer.id, role: 'viewer' })).role).toBe('viewer')
  })

  it('who only view see no e-mail address but their own', async () => {
    const { data } = await workspace.as(viewer).projects.members.list({ projectId, page: 1 })
    expect(data.map((member) => member.email)).toEqual([null, null, viewer.email])
  })

  it('are paged', async () => {
    const { members } = workspace.as(owner).projects
    const first = await members.list({ projectId, limit: 2 })
    const second = await members.list({
      projectId,
      limit: 2,
      cursor: first.pagination.nextCursor ?? undefined,
    })
    expect([...first.data, ...second.data].map((member) => member.userId)).toEqual([
      owner.id,
      editor.id,
      viewer.id,
    ])
    expect((await members.list({ projectId, page: 3, limit: 2 })).pagination).toMatchObject({ total: 3 })
  })

  it('lose and gain rights with the next call (Z7)', async () => {
    const person = await workspace.person()
    const { id } = await workspace.project(owner, [[person, 'editor']])
    const { tasks } = workspace.as(person)
    const { members } = workspace.as(owner).projects
    const write = () => tasks.create({ projectId: id, title: 'x' })
    await write()
    await members.setRole({ projectId: id, userId: person.id, role: 'viewer' })
    expect(await refusal(write())).toMatchObject({ code: 'FORBIDDEN' })
    await members.setRole({ projectId: id, userId: person.id, role: 'editor' })
    await write()
    await members.remove({ projectId: id, userId: person.id })
    expect(await refusal(write())).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusal(tasks.list({ projectId: id }))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('may leave by themselves, but not remove others', async () => {
    const person = await workspace.person()
    const { id } = await workspace.project(owner, [
      [person, 'viewer'],
      [editor, 'editor'],
    ])
    const { members } = workspace.as(person).projects
    expect(await refusal(members.remove({ projectId: id, userId: editor.id }))).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(await members.remove({ projectId: id, userId: person.id.toUpperCase() })).toEqual({ ok: true })
    expect(await refusal(members.remove({ projectId: id, userId: person.id }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    const asOwner = workspace.as(owner).projects.members
    expect(await refusal(asOwner.remove({ projectId: id, userId: randomUUID() }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    const unknown = { projectId: id, userId: randomUUID(), role: 'viewer' as const }
    expect(await refusal(asOwner.setRole(unknown))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('cannot raise themselves (Z8)', async () => {
    const mine = { projectId, userId: editor.id, role: 'owner' as const }
    expect(await refusal(workspace.as(editor).projects.members.setRole(mine))).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('the last owner', () => {
  it('stays, however the id is spelled', async () => {
    const { id } = await workspace.project(owner)
    const { members } = workspace.as(owner).projects
    for (const userId of [owner.id, owner.id.toUpperCase()]) {
      const last = { code: 'CONFLICT', reason: 'LAST_OWNER' }
      expect(await refusal(members.remove({ projectId: id, userId }))).toMatchObject(last)
      expect(await refusal(members.setRole({ projectId: id, userId, role: 'editor' }))).toMatchObject(last)
    }
    expect(await members.setRole({ projectId: id, userId: owner.id, role: 'owner' })).toMatchObject({
      role: 'owner',
    })
  })

  it('is not somebody whose account is deleted', async () => {
    const gone = await workspace.person('gone')
    const { id } = await workspace.project(owner, [[gone, 'owner']])
    await workspace.database.prisma.user.update({ where: { id: gone.id }, data: { deletedAt: new Date() } })
    const leave = workspace.as(owner).projects.members.remove({ projectId: id, userId: owner.id })
    expect(await refusal(leave)).toMatchObject({ reason: 'LAST_OWNER' })
  })

  it('is left over when all owners leave or step down at once (Z8)', async () => {
    for (let round = 0; round < 8; round += 1) {
      const second = await workspace.person('second')
      const third = await workspace.person('third')
      const { id } = await workspace.project(owner, [
        [second, 'owner'],
        [third, 'owner'],
      ])
      const calls = [owner, second, third].map((who, index) => {
        const { members } = workspace.as(who).projects
        return index === round % 3
          ? members.setRole({ projectId: id, userId: who.id, role: 'editor' })
          : members.remove({ projectId: id, userId: who.id })
      })
      const settled = await Promise.allSettled(calls)
      expect(settled.filter((result) => result.status === 'rejected')).toHaveLength(1)
      expect(await ownersOf(id)).toBe(1)
    }
  })

  it('is left over when owners demote each other at once (Z8)', async () => {
    for (let round = 0; round < 8; round += 1) {
      const second = await workspace.person('second')
      const { id } = await workspace.project(owner, [[second, 'owner']])
      const demote = (as: Person, who: Person) =>
        workspace.as(as).projects.members.setRole({ projectId: id, userId: who.id, role: 'viewer' })
      const settled = await Promise.allSettled([demote(owner, second), demote(second, owner)])
      expect(settled.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await ownersOf(id)).toBe(1)
    }
  })
})
