import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshEmail, PASSWORD, startWorld } from './support/accounts-app.ts'

let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function person() {
  const { user, accessToken } = await world.first
    .as()
    .auth.register({ email: freshEmail(), password: PASSWORD, fullName: 'Ada L' })
  return { ...user, as: world.first.as({ bearer: accessToken }) }
}
type Person = Awaited<ReturnType<typeof person>>

const projectOf = async (owner: Person) =>
  (await owner.as.projects.create({ name: 'A project', slug: `p-${randomUUID()}` })).id
const leave = ({ as, id }: Person) => as.users.delete({ id })
const deletedAt = async (id: string) =>
  (await world.database.prisma.project.findUniqueOrThrow({ where: { id } })).deletedAt
const lastOwner = { code: 'CONFLICT', cause: { reason: 'LAST_OWNER' } }

describe('deleting an account leaves no project without an owner', () => {
  it('waits until somebody else owns what others work in', async () => {
    const [ada, bob] = [await person(), await person()]
    const projectId = await projectOf(ada)
    const own = await projectOf(ada)
    await ada.as.projects.members.add({ projectId, email: bob.email, role: 'editor' })
    await expect(leave(ada)).rejects.toMatchObject(lastOwner)
    expect(await deletedAt(own)).toBeNull()
    expect((await ada.as.users.me()).id).toBe(ada.id)
    await ada.as.projects.members.setRole({ projectId, userId: bob.id, role: 'owner' })
    await leave(ada)
    expect(await deletedAt(projectId)).toBeNull()
    expect(await deletedAt(own)).not.toBeNull()
    const trail = { action: 'projects.delete', targetId: own }
    expect(await world.database.prisma.auditEvent.count({ where: trail })).toBe(1)
  })

  it('takes along projects nobody else is left in', async () => {
    const [ada, bob] = [await person(), await person()]
    const projectId = await projectOf(ada)
    await ada.as.projects.members.add({ projectId, email: bob.email, role: 'viewer' })
    await leave(bob)
    expect(await deletedAt(projectId)).toBeNull()
    await leave(ada)
    expect(await deletedAt(projectId)).not.toBeNull()
  })

  it('does not count an owner who is suspended', async () => {
    const [ada, bob] = [await person(), await person()]
    const projectId = await projectOf(ada)
    await ada.as.projects.members.add({ projectId, email: bob.email, role: 'owner' })
    await world.database.prisma.user.update({ where: { id: bob.id }, data: { suspendedAt: new Date() } })
    await expect(leave(ada)).rejects.toMatchObject(lastOwner)
    const step = ada.as.projects.members.remove({ projectId, userId: ada.id })
    await expect(step).rejects.toMatchObject(lastOwner)
    await ada.as.projects.members.remove({ projectId, userId: bob.id })
    await leave(ada)
  })

  it('lets one of two owners go who leave at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [ada, bob, eve] = [await person(), await person(), await person()]
      const projectId = await projectOf(ada)
      await ada.as.projects.members.add({ projectId, email: bob.email, role: 'owner' })
      await ada.as.projects.members.add({ projectId, email: eve.email, role: 'viewer' })
      const outcomes = await Promise.allSettled([leave(ada), leave(bob)])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await deletedAt(projectId)).toBeNull()
    }
  })
})
