import { mutate } from '../http.ts'
import type { PrincipalName } from '../principals.ts'
import type { World } from '../world.ts'

/** For every subscription: makes something happen in the stream of its example as `reader` opens it. */
export const streamEvents: Readonly<
  Record<string, (world: World, reader: PrincipalName) => Promise<unknown>>
> = {
  'tasks.onChange': ({ server, alpha, principals }) =>
    mutate(
      server.baseUrl,
      'tasks.create',
      { projectId: alpha.projectId, title: 'Something happens' },
      { token: principals.owner.token },
    ),
  'notifications.onNew': ({ server, principals }, reader) =>
    mutate(
      server.baseUrl,
      'notifications.send',
      { userId: principals[reader].id, subject: 'Something', body: 'happens' },
      { token: principals.superAdmin.token },
    ),
}
