import { randomUUID } from 'node:crypto'
import { addPeople } from '../people.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

/** Examples of `notifications.*` and `audit.*`. */
export const notificationExamples: Record<string, ExampleFactory> = {
  'notifications.list': async () => ({ input: { unread: true, limit: 5 } }),
  'notifications.markRead': async (world, caller) => ({
    input: { ids: [await notified(world, world.principals[caller].id)] },
  }),
  'notifications.send': async (world) => {
    const [reader] = await addPeople(world.server, ['reader'])
    return { input: { userId: reader?.id, subject: 'Tonight', body: 'We close early.\nGood night.' } }
  },
  'notifications.onNew': async () => ({ input: {} }),
  'audit.list': async (world) => ({
    input: {
      actorId: world.principals.admin.id,
      action: 'users.suspend',
      targetId: world.principals.suspendedEditor.id,
      from: '2020-01-01T00:00:00Z',
      to: '2100-01-01T01:00:00+01:00',
    },
  }),
}

/** A notification of the user, or of nobody when there is none. */
async function notified(world: World, userId: string): Promise<string> {
  if (userId === '') return randomUUID()
  const { id } = await world.server.database.prisma.notification.create({
    data: { userId, kind: 'admin.message', subject: 'Tonight', body: 'We close early.' },
  })
  return id
}
