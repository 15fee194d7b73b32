import type { Step } from '../../support/llm/script.ts'
import { until } from '../../support/until.ts'
import type { Fault, Stage } from './fault.ts'
import { askAndFollow, type FollowedReply, gapsOf, registerAsker, stored, untilState } from './replies.ts'

const REPLIES = 4
/** A token each, so that what was received can be counted. */
const WORDS = ['one', ' two', ' three', ' four', ' five', ' six', ' seven', ' eight']
const HALF = WORDS.length / 2
/** A reply whose worker died says so by then. */
const INTERRUPTED_WITHIN_MS = 30_000
const PATIENCE_MS = 60_000

/**
 * F4: the workers are gone while answers flow from a provider, and then, with other answers, the API processes that
 * stream them.
 */
export const killMidReply: Fault = {
  id: 'F4',
  title: 'kill -9 in the middle of answers: workers, then the API processes that stream them',
  together: true,
  async strike(stage) {
    const { fleet } = stage
    const asker = await registerAsker(fleet)
    const open = Promise.withResolvers<void>()
    fleet.vendor.answer(() => halfway(open.promise))

    const written = await followSome(asker, 'A worker dies')
    await until('all answers flow', () => (written.every(hasHalf) ? true : undefined), PATIENCE_MS)
    for (const worker of fleet.workers) worker.kill()
    const slowest = await Promise.all(
      written.map((reply) => untilState(reply, ['interrupted'], INTERRUPTED_WITHIN_MS).catch(String)),
    )
    for (const result of slowest) if (typeof result === 'string') stage.complain(result)
    const waits = slowest.map((result) => (typeof result === 'string' ? 0 : result.afterMs))
    stage.note(
      `replies were interrupted ${(Math.max(...waits) / 1_000).toFixed(1)} s after the kill at the latest`,
    )
    for (const reply of written) await expectWhatWasReceived(stage, reply)

    open.resolve()
    fleet.vendor.answer(() => WORDS.map((text) => ({ text })))
    await expectRetry(stage, written)
    for (const reply of written) reply[Symbol.dispose]()

    await killStreamers(stage, asker)
    stage.whenQuiet(() => expectNothingStuck(stage))
  },
}

/** Half of an answer, the rest when `open` resolves. */
function halfway(open: Promise<unknown>): Step[] {
  const words = WORDS.map((text) => ({ text }))
  return [...words.slice(0, HALF), { wait: open }, ...words.slice(HALF)]
}

async function followSome(asker: Awaited<ReturnType<typeof registerAsker>>, title: string) {
  return await Promise.all(
    Array.from({ length: REPLIES }, (_, index) => askAndFollow(asker, `${title}, ${index}`)),
  )
}

function hasHalf(reply: FollowedReply): boolean {
  return reply.text() === WORDS.slice(0, HALF).join('')
}

/** The follower has what is stored, and what was received is what is charged. */
async function expectWhatWasReceived({ fleet, complain }: Stage, reply: FollowedReply): Promise<void> {
  const { text } = await stored(reply)
  await until('the stream has ended', () => reply.end(), PATIENCE_MS).catch((error) =>
    complain(String(error)),
  )
  for (const gap of gapsOf(reply, text)) complain(`an interrupted reply: ${gap}`)
  const rows = await fleet.postgres.query<{ state: string; outputTokens: number }>(
    'SELECT state::text, output_tokens AS "outputTokens" FROM usage_entries WHERE reply_id = $1',
    [reply.replyId],
  )
  const [row] = rows
  if (rows.length !== 1 || row?.state !== 'settled' || Math.abs(row.outputTokens - HALF) > 1)
    complain(`${HALF} tokens were received of an interrupted reply, in the ledger is ${JSON.stringify(rows)}`)
}

/** An interrupted reply can be asked for again, and is then written to its end. */
async function expectRetry({ complain }: Stage, replies: readonly FollowedReply[]): Promise<void> {
  for (const reply of replies) {
    const { replyId } = await reply.client.chat.retry.mutate({ replyId: reply.replyId })
    const again = { ...reply, replyId }
    const { reply: done } = await untilState(again, ['done'], PATIENCE_MS)
    if (done.text !== WORDS.join('')) complain(`a reply asked for again says "${done.text}"`)
  }
}

/** The processes between an answer and its readers die; the answer does not. */
async function killStreamers(
  { fleet, complain }: Stage,
  asker: Awaited<ReturnType<typeof registerAsker>>,
): Promise<void> {
  const open = Promise.withResolvers<void>()
  fleet.vendor.answer(() => halfway(open.promise))
  const replies = await followSome(asker, 'A streamer dies')
  await until('all answers flow', () => (replies.every(hasHalf) ? true : undefined), PATIENCE_MS)
  for (const api of fleet.apis) api.kill()
  open.resolve()
  await fleet.ready()
  for (const reply of replies) {
    const { reply: done } = await untilState(reply, ['done'], PATIENCE_MS)
    await until('the reader has the rest', () => reply.end(), PATIENCE_MS)
    for (const gap of gapsOf(reply, done.text)) complain(`a reply whose stream was cut: ${gap}`)
    if (done.text !== WORDS.join('')) complain(`a reply whose stream was cut says "${done.text}"`)
    reply[Symbol.dispose]()
  }
}

/** No reply is under way for ever, and no room in a budget is held. */
export async function expectNothingStuck({ fleet, complain }: Stage): Promise<void> {
  const [row] = await fleet.postgres.query<{ replies: string; held: string }>(
    `SELECT (SELECT count(*) FROM messages WHERE state IN ('queued', 'streaming')) AS replies,
       (SELECT count(*) FROM usage_entries WHERE state = 'reserved') AS held`,
  )
  if (row?.replies !== '0') complain(`${row?.replies} replies are under way for ever`)
  if (row?.held !== '0') complain(`room in budgets is held for ${row?.held} calls for ever`)
}
