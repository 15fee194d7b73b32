import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { field } from '../../support/http.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { addPerson } from '../../support/people.ts'
import { until } from '../../support/until.ts'
import { type ChatPerson, type ChatSite, chatSite } from './chat-site.ts'

const NEVER = new Promise(() => undefined)
/** As `chat.stop` takes at most. */
const STOPPED_WITHIN_MS = 2_000

/** Says something and then waits for as long as it is let. */
const model = scriptedProvider('demo', function* () {
  yield { text: 'Half an ans' }
  yield { wait: NEVER }
})
/** Writes the replies, and nothing else. */
let worker: ChatSite
/** Where users are suspended and deleted. */
let site: ChatSite
let admin: ChatPerson

beforeAll(async () => {
  worker = await chatSite({ variables: { PLINTH_ROLE: 'worker' } }, model)
  site = await chatSite({ beside: worker.server, variables: { PLINTH_ROLE: 'api' } })
  admin = await addPerson(site.server, 'Admin', 'admin')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await worker[Symbol.asyncDispose]()
})

/** A reply of `who` that is being written. */
async function halfWritten(who: ChatPerson): Promise<string> {
  const { replyId } = await site.send(who, await site.thread(who), 'Stop me')
  using stream = await site.follow(who, replyId)
  await stream.atLeast(1)
  return replyId
}

const message = (id: string) => site.server.database.prisma.message.findUniqueOrThrow({ where: { id } })

/** The reply when it has ended. */
const ended = (id: string, withinMs?: number) =>
  until(
    'the end of the reply',
    async () => {
      const row = await message(id)
      return row.endedAt === null ? undefined : row
    },
    withinMs,
  )

describe('a reply that is being written in another process', () => {
  it.each(['users.suspend', 'users.delete'])(
    'ends soon after %s, and what came is paid for',
    async (path) => {
      const ada = await site.person()
      const replyId = await halfWritten(ada)
      const before = model.aborted()
      await site.call(path === 'users.delete' ? ada : admin, path, { id: ada.id })
      const row = await ended(replyId, STOPPED_WITHIN_MS)
      expect(row).toMatchObject({ state: 'failed', errorCode: 'UNAUTHORIZED', text: 'Half an ans' })
      expect(row.outputTokens).toBeGreaterThan(0)
      expect(model.aborted()).toBe(before + 1)
      const entries = await site.server.database.prisma.usageEntry.findMany({ where: { replyId } })
      expect(entries).toMatchObject([{ state: 'settled', outputTokens: row.outputTokens, cost: row.cost }])
    },
  )

  it('ends also when no word of it came', async () => {
    const ada = await site.person()
    const replyId = await halfWritten(ada)
    const suspendedAt = new Date()
    await site.server.database.prisma.user.update({ where: { id: ada.id }, data: { suspendedAt } })
    expect(await ended(replyId)).toMatchObject({ state: 'failed', errorCode: 'UNAUTHORIZED' })
  })

  it('can be asked for again when its user is back', async () => {
    const ada = await site.person()
    const replyId = await halfWritten(ada)
    await site.call(admin, 'users.suspend', { id: ada.id })
    await ended(replyId)
    await site.call(admin, 'users.unsuspend', { id: ada.id })
    const again = String(field(await site.call(ada, 'chat.retry', { replyId }), 'replyId'))
    using stream = await site.follow(ada, again)
    await stream.atLeast(1)
    await site.call(ada, 'chat.stop', { replyId: again })
    expect(await ended(again)).toMatchObject({ state: 'stopped' })
  })

  it('goes on when only something else changed about its user, or another user was suspended', async () => {
    const [ada, bob] = [await site.person(), await site.person()]
    const replyId = await halfWritten(ada)
    const bobs = await halfWritten(bob)
    await site.call(ada, 'auth.logoutAll', undefined)
    await site.call(admin, 'users.suspend', { id: bob.id })
    await ended(bobs)
    expect(await message(replyId)).toMatchObject({ state: 'streaming' })
    await site.call(admin, 'users.suspend', { id: ada.id })
    await ended(replyId)
  })
})
