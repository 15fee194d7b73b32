import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson } from '../support/people.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
}, 60_000)
afterAll(() => world[Symbol.asyncDispose]())

const as = (name: keyof World['principals']) => ({ token: world.principals[name].token })
const call = (path: string, input: unknown, name: keyof World['principals']) =>
  mutate(world.server.baseUrl, path, input, as(name))

describe('Z7 a changed role counts from the next call', () => {
  test('a demoted editor cannot write, a removed one finds nothing, a promoted one can, without a new log-in', async () => {
    const { projectId, taskId } = await world.project()
    const { baseUrl } = world.server
    const write = () => call('tasks.update', { id: taskId, data: { title: 'By the editor' } }, 'editor')
    const role = (to: string) =>
      call('projects.members.setRole', { projectId, userId: world.principals.editor.id, role: to }, 'owner')
    expectOk(await write())
    expectOk(await role('viewer'))
    expectRefused(await write(), 403)
    expectOk(await query(baseUrl, 'tasks.get', { id: taskId }, as('editor')))
    expectOk(await role('owner'))
    expectOk(await call('projects.update', { id: projectId, data: { name: 'By the editor' } }, 'editor'))
    expectOk(await role('editor'))
    expectRefused(await call('projects.update', { id: projectId, data: { name: 'Again' } }, 'editor'), 403)
    const member = { projectId, userId: world.principals.editor.id }
    expectOk(await call('projects.members.remove', member, 'owner'))
    expectRefused(await write(), 404)
    expectRefused(await query(baseUrl, 'tasks.get', { id: taskId }, as('editor')), 404)
    expectRefused(await query(baseUrl, 'projects.get', { id: projectId }, as('editor')), 404)
  })
})

describe('Z8 there is no way to more rights', () => {
  async function expectDenied(path: string, input: unknown, name: keyof World['principals']): Promise<void> {
    const answer = await expectNoEffect(world.server.database, () => call(path, input, name))
    expectRefused(answer, [400, 403, 404, 409])
  }

  test('members do not raise themselves, nor add or remove others', async () => {
    const { projectId } = await world.project()
    for (const name of ['viewer', 'editor'] as const) {
      const { id } = world.principals[name]
      await expectDenied('projects.members.setRole', { projectId, userId: id, role: 'owner' }, name)
      const { email } = world.principals.stranger
      await expectDenied('projects.members.add', { projectId, email, role: 'viewer' }, name)
      const owner = world.principals.owner.id
      await expectDenied('projects.members.remove', { projectId, userId: owner }, name)
      await expectDenied('projects.members.setRole', { projectId, userId: owner, role: 'viewer' }, name)
    }
  })

  test('strangers do not let themselves in', async () => {
    const { projectId } = await world.project()
    const { id, email } = world.principals.stranger
    await expectDenied('projects.members.add', { projectId, email, role: 'owner' }, 'stranger')
    await expectDenied('projects.members.setRole', { projectId, userId: id, role: 'owner' }, 'stranger')
  })

  test('nobody changes their own role; an admin makes nobody one; a super admin cannot be touched by an admin', async () => {
    const { admin, superAdmin, stranger, viewer } = world.principals
    for (const name of ['viewer', 'admin', 'superAdmin'] as const) {
      const { id } = world.principals[name]
      await expectDenied('users.setRole', { id, role: name === 'superAdmin' ? 'user' : 'super_admin' }, name)
    }
    await expectDenied('users.setRole', { id: stranger.id, role: 'super_admin' }, 'admin')
    await expectDenied('users.setRole', { id: stranger.id, role: 'admin' }, 'admin')
    await expectDenied('users.suspend', { id: superAdmin.id }, 'admin')
    await expectDenied('users.delete', { id: superAdmin.id }, 'admin')
    await expectDenied('users.suspend', { id: admin.id }, 'admin')
    await expectDenied('users.update', { id: viewer.id, data: { fullName: 'Not mine' } }, 'stranger')
  })

  test('an admin does not take over a super admin’s profile', async () => {
    const { superAdmin } = world.principals
    const before = await world.server.database.prisma.user.findUniqueOrThrow({ where: { id: superAdmin.id } })
    const answer = await call('users.update', { id: superAdmin.id, data: { fullName: 'Renamed' } }, 'admin')
    expect([200, 403]).toContain(answer.status)
    const after = await world.server.database.prisma.user.findUniqueOrThrow({ where: { id: superAdmin.id } })
    expect({ ...after, fullName: '', updatedAt: 0 }).toEqual({ ...before, fullName: '', updatedAt: 0 })
  })

  test('the last owner can neither leave, nor be removed, nor be demoted', async () => {
    const { projectId } = world.beta
    const member = { projectId, userId: world.principals.otherOwner.id }
    await expectDenied('projects.members.remove', member, 'otherOwner')
    await expectDenied('projects.members.setRole', { ...member, role: 'editor' }, 'otherOwner')
  })

  test('two owners who demote each other at once leave one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await addPerson(world.server, 'a'), await addPerson(world.server, 'b')]
      const made = await mutate(
        world.server.baseUrl,
        'projects.create',
        { name: 'Pair', slug: `pair-${a.id}` },
        a,
      )
      const projectId = String(Reflect.get(Object(expectOk(made).data), 'id'))
      expectOk(
        await mutate(
          world.server.baseUrl,
          'projects.members.add',
          { projectId, email: b.email, role: 'owner' },
          a,
        ),
      )
      const demote = (userId: string, by: { token: string }) =>
        mutate(world.server.baseUrl, 'projects.members.setRole', { projectId, userId, role: 'viewer' }, by)
      const leave = (userId: string, by: { token: string }) =>
        mutate(world.server.baseUrl, 'projects.members.remove', { projectId, userId }, by)
      const [first, second] = await Promise.all(
        round % 2 === 0 ? [demote(b.id, a), demote(a.id, b)] : [leave(a.id, a), leave(b.id, b)],
      )
      expect([first?.status, second?.status].filter((status) => status === 200)).toHaveLength(1)
      const owners = await world.server.database.prisma.projectMember.count({
        where: { projectId, role: 'owner' },
      })
      expect(owners).toBe(1)
    }
  })

  test('the last super admin stays', async () => {
    const others = await world.server.database.prisma.user.count({
      where: { role: 'super_admin', deletedAt: null },
    })
    expect(others).toBe(1)
    await expectDenied('users.delete', { id: world.principals.superAdmin.id }, 'superAdmin')
  })
})
