import { type Client, createClient, safe } from '@plinth/client'
import { inventAccount } from './account.ts'

/**
 * Tries to read and to write the project as somebody else, and gives back the code both are refused with. To a
 * stranger a project does not exist, so it is NOT_FOUND. Throws when one is not refused.
 */
export async function refuseStranger(baseUrl: string, projectId: string): Promise<string> {
  const stranger: Client = createClient({ baseUrl })
  await stranger.auth.register.mutate({ ...inventAccount('stranger'), fullName: 'A stranger' })
  const [read] = await safe(stranger.tasks.list.query({ projectId }))
  const [write] = await safe(stranger.tasks.create.mutate({ projectId, title: 'Not mine' }))
  await stranger.auth.logout.mutate()
  if (read?.code !== 'NOT_FOUND' || write?.code !== 'NOT_FOUND') {
    throw new Error(`A stranger reached the project: read ${read?.code}, write ${write?.code}.`)
  }
  return read.code
}
