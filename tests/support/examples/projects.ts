import { randomUUID } from 'node:crypto'
import { addPeople } from '../people.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `projects.*`. */
export const projectExamples: Record<string, ExampleFactory> = {
  'projects.create': async () => ({
    input: { name: 'New', slug: `new-${randomUUID()}`, description: 'Why' },
  }),
  'projects.get': async (world) => ({ input: { id: world.alpha.projectId } }),
  'projects.list': async () => ({ input: { limit: 5, search: 'project' } }),
  'projects.update': async (world) => ({
    input: { id: (await world.project()).projectId, data: { name: 'Changed' }, version: 1 },
  }),
  'projects.delete': async (world) => ({ input: { id: (await world.project()).projectId } }),
  'projects.restore': async (world) => {
    const { projectId } = await world.project()
    await world.server.database.prisma.project.update({
      where: { id: projectId },
      data: { deletedAt: new Date() },
    })
    return { input: { id: projectId } }
  },
  'projects.members.list': async (world) => ({ input: { projectId: world.alpha.projectId } }),
  'projects.members.add': async (world) => {
    const [guest] = await addPeople(world.server, ['guest'])
    return { input: { projectId: (await world.project()).projectId, email: guest?.email, role: 'viewer' } }
  },
  'projects.members.setRole': async (world) => ({
    input: {
      projectId: (await world.project()).projectId,
      userId: world.principals.viewer.id,
      role: 'editor',
    },
  }),
  // Members leave; that owners remove others is Z7 and Z8.
  'projects.members.remove': async (world, caller) => ({
    input: { projectId: await withSpareOwner(world), userId: world.principals[caller].id },
  }),
}

async function withSpareOwner(world: World): Promise<string> {
  const { projectId } = await world.project()
  const [spare] = await addPeople(world.server, ['spare'])
  if (spare !== undefined) {
    await world.server.database.prisma.projectMember.create({
      data: { projectId, userId: spare.id, role: 'owner' },
    })
  }
  return projectId
}
