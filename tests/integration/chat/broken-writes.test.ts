import { expect, test } from 'vitest'
import { createReplyWriter, type HaltCause } from '../../../server/src/modules/chat/replies/reply-writer.ts'
import { chatSite } from '../../api/chat/chat-site.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { until } from '../../support/until.ts'

test('nothing is written behind a piece that the database did not take', async () => {
  await using site = await chatSite({ variables: { PLINTH_ROLE: 'api' } })
  const ada = await site.person()
  const { prisma } = site.server.database
  const { database, bus } = site.server.app.runtime
  const writer = createReplyWriter(database, bus, { deliver: () => undefined })
  const halted: HaltCause[] = []
  const open = async () => {
    const { replyId } = await site.send(ada, await site.thread(ada), 'Count')
    await prisma.message.update({ where: { id: replyId }, data: { state: 'streaming' } })
    const pen = writer.open({ id: replyId, revision: 0n, halt: (why) => halted.push(why) })
    return { replyId, pen }
  }
  const textOf = async (id: string) => (await prisma.message.findUniqueOrThrow({ where: { id } })).text

  const broken = await open()
  await broken.pen.write('one\0', [])
  await until('it is refused', () => (halted.length > 0 ? true : undefined))
  await broken.pen.write('two', [])
  // Written together with whatever else is pending.
  const other = await open()
  await other.pen.write('well', [])
  await other.pen.close()
  await expect(broken.pen.close()).rejects.toThrow()
  expect(halted).toEqual(['broken'])
  expect([await textOf(broken.replyId), await textOf(other.replyId)]).toEqual(['', 'well'])
})

test('nothing is asked of a provider when a reply cannot be begun, and nothing is held for it', async () => {
  const model = scriptedProvider('demo', function* () {
    yield { text: 'Some' }
    yield { wait: new Promise(() => undefined) }
  })
  await using site = await chatSite({}, model)
  const { pool } = site.server.database
  await pool.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$`)
  await pool.query(`CREATE TRIGGER refuse BEFORE UPDATE ON messages FOR EACH ROW
    WHEN (NEW.state = 'streaming') EXECUTE FUNCTION refuse()`)
  const ada = await site.person()
  const { replyId } = await site.send(ada, await site.thread(ada), 'Begin')
  const { prisma } = site.server.database
  const stateOf = async () => (await prisma.message.findUniqueOrThrow({ where: { id: replyId } })).state
  await until('the reply has failed', async () => ((await stateOf()) === 'failed' ? true : undefined), 10_000)
  await pool.query('DROP TRIGGER refuse ON messages')
  expect(model.requests).toEqual([])
  expect(await prisma.usageEntry.count({ where: { replyId } })).toBe(0)
  expect(await prisma.budgetSpending.count()).toBe(0)
})
