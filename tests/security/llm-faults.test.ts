import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectOk } from '../support/expect-clean.ts'
import { field, mutate, query } from '../support/http.ts'
import { type ChatWorld, createChatWorld } from '../support/llm/chat-world.ts'
import { faults, VENDOR_SECRET } from '../support/llm/faults.ts'
import type { Answer } from '../support/llm/script.ts'
import { saying } from '../support/llm/script.ts'
import { openStream } from '../support/sse.ts'
import { timed, until } from '../support/until.ts'

const FIRST_TOKEN_MS = 700
const IDLE_MS = 500
const TOTAL_MS = 2_500
const MAX_OUTPUT = 60

let chat: ChatWorld

beforeAll(async () => {
  chat = await createChatWorld({
    LLM_FIRST_TOKEN_TIMEOUT_MS: String(FIRST_TOKEN_MS),
    LLM_IDLE_TIMEOUT_MS: String(IDLE_MS),
    LLM_TOTAL_TIMEOUT_MS: String(TOTAL_MS),
    LLM_MAX_OUTPUT_TOKENS: String(MAX_OUTPUT),
    LLM_BREAKER_FAILURES: '4',
    LLM_BREAKER_OPEN_MS: '300',
  })
}, 60_000)
afterAll(() => chat?.[Symbol.asyncDispose]())

/** An earlier test may have opened the breaker. */
beforeEach(async () => {
  chat.vendor.answer(saying('All is well.'))
  const { owner } = chat.world.principals
  await until(
    'the provider is well',
    async () => {
      const reply = await chat.ask(owner, await chat.thread(owner), 'Hello?')
      return reply.state === 'done' ? true : undefined
    },
    10_000,
  )
})

/** A byte every tenth of a second: never silent, and never a token. */
const trickle = (): Answer => faults.trickle(`data: {"id":"${'x'.repeat(1_000)}`, () => delay(100))

const SICK: readonly { name: string; fault: () => Answer; reason: RegExp; says?: string }[] = [
  { name: 'never says anything', fault: () => faults.silence(), reason: /PROVIDER_TIMEOUT/ },
  { name: 'sends a byte now and then', fault: trickle, reason: /PROVIDER_TIMEOUT/ },
  {
    name: 'falls silent half-way',
    fault: () => faults.stall(),
    reason: /PROVIDER_TIMEOUT/,
    says: 'It begins',
  },
  {
    name: 'stops half-way',
    fault: () => faults.stop(),
    reason: /PROVIDER_(BAD_ANSWER|UNAVAILABLE)/,
    says: 'It begins',
  },
  { name: 'resets the connection', fault: () => faults.resetAtOnce(), reason: /PROVIDER_UNAVAILABLE/ },
  {
    name: 'resets the connection half-way',
    fault: () => faults.reset(delay(100)),
    reason: /PROVIDER_(UNAVAILABLE|BAD_ANSWER)/,
    says: 'It begins',
  },
  { name: 'writes what is no JSON', fault: () => faults.badJson(), reason: /PROVIDER_BAD_ANSWER/ },
  {
    name: 'writes half of an event',
    fault: () => faults.halfJson(),
    reason: /PROVIDER_(BAD_ANSWER|UNAVAILABLE)/,
  },
  { name: 'answers with a page', fault: () => faults.html(), reason: /PROVIDER_BAD_ANSWER/ },
  { name: 'answers 502 with a page', fault: () => faults.html(502), reason: /PROVIDER_UNAVAILABLE/ },
  { name: 'answers 500', fault: () => faults.status(500), reason: /PROVIDER_UNAVAILABLE/ },
  { name: 'has too much to do', fault: () => faults.tooManyRequests(), reason: /PROVIDER_RATE_LIMITED/ },
  {
    name: 'wants to be left alone',
    fault: () => faults.tooManyRequests('3'),
    reason: /PROVIDER_RATE_LIMITED/,
  },
  { name: 'refuses the key', fault: () => faults.status(401), reason: /PROVIDER_KEY_REFUSED/ },
  { name: 'refuses the question', fault: () => faults.status(400), reason: /PROVIDER_REFUSED/ },
  { name: 'sends 50 MB at once', fault: () => faults.huge(), reason: /PROVIDER_BAD_ANSWER/ },
  {
    name: 'sends us elsewhere',
    fault: () => faults.redirect('http://127.0.0.1:1/elsewhere'),
    reason: /PROVIDER_(REFUSED|BAD_ANSWER|UNAVAILABLE)/,
  },
]

describe('L3 a sick provider is one reply’s trouble', () => {
  test.each(SICK)('one that $name', async ({ fault, reason, says }) => {
    const { owner, editor } = chat.world.principals
    const threadId = await chat.thread(owner)
    chat.vendor.answer(fault)
    const { ms, answer: reply } = await timed(() => chat.ask(owner, threadId, 'What now?'))
    expect(reply.state).toBe('failed')
    expect(JSON.stringify(reply.message)).toMatch(reason)
    expect(JSON.stringify(reply.events.at(-1))).toMatch(reason)
    expect(ms).toBeLessThan(TOTAL_MS + 4_000)
    if (says !== undefined) expect(reply.text).toContain(says)
    expect(reply.streamed).toBe(reply.text)
    const everything = JSON.stringify([reply.message, reply.events])
    for (const inner of [VENDOR_SECRET, 'vendor-internal-host', '127.0.0.1', 'app.py'])
      expect(everything).not.toContain(inner)
    // Everybody else goes on.
    const other = await query(
      chat.world.server.baseUrl,
      'tasks.list',
      { projectId: chat.world.alpha.projectId },
      { token: editor.token },
    )
    expectOk(other)
    expect(await heldRoom()).toBe(0)
  })

  test('one that never ends, and one with a token as large as a book, are cut off', async () => {
    const { owner } = chat.world.principals
    for (const fault of [() => faults.endless(), () => faults.hugeToken()]) {
      chat.vendor.answer(fault)
      const reply = await chat.ask(owner, await chat.thread(owner), 'Go on.')
      expect(reply.text.length).toBeLessThan(MAX_OUTPUT * 16)
      expect(['done', 'failed']).toContain(reply.state)
      expect(reply.streamed).toBe(reply.text)
      await until('the vendor is left alone', () => isOver(chat.vendor.requests.at(-1)), 2_000)
    }
    expect(await heldRoom()).toBe(0)
  })

  test('one with more to say than is known is understood', async () => {
    const { owner } = chat.world.principals
    chat.vendor.answer(() => faults.unknownFields('Understood.'))
    const reply = await chat.ask(owner, await chat.thread(owner), 'Hello?')
    expect([reply.state, reply.text]).toEqual(['done', 'Understood.'])
  })

  test('after so many failures it is not asked any more, until it may be well again', async () => {
    const { owner } = chat.world.principals
    chat.vendor.answer(() => faults.status(500))
    const threadId = await chat.thread(owner)
    const before = chat.vendor.questions().length
    for (let count = 0; count < 8; count += 1) {
      const reply = await chat.ask(owner, threadId, 'Hello?')
      expect(JSON.stringify(reply.message)).toMatch(/PROVIDER_UNAVAILABLE/)
    }
    expect(chat.vendor.questions().length - before).toBeLessThan(8)
  })

  test('one that hangs for everybody holds up nothing else', async () => {
    const { owner, editor, viewer } = chat.world.principals
    const { baseUrl } = chat.world.server
    chat.vendor.answer(() => faults.silence())
    const asked = await Promise.all(
      [owner, editor, viewer].flatMap((who) =>
        Array.from({ length: 5 }, async () => {
          const threadId = await chat.thread(who)
          return { who, threadId, ...(await chat.send(who, threadId, 'Hello?')) }
        }),
      ),
    )
    await until('some hang', () =>
      chat.vendor.requests.filter((one) => !one.ended && one.leftAt === undefined).length >= 2
        ? true
        : undefined,
    )
    const input = { projectId: chat.world.alpha.projectId }
    const { ms } = await timed(async () => {
      for (let count = 0; count < 20; count += 1)
        expectOk(await query(baseUrl, 'tasks.list', input, { token: editor.token }))
    })
    expect(ms / 20).toBeLessThan(250)
    for (const { who, threadId, replyId } of asked) {
      const message = await chat.ended(who, threadId, replyId, 60_000)
      expect(field(message, 'state')).toBe('failed')
    }
    expect(await heldRoom()).toBe(0)
  }, 90_000)
})

describe('L3 spending', () => {
  test('stop ends the call at the provider within two seconds, and the reply keeps what came', async () => {
    const { owner } = chat.world.principals
    chat.vendor.answer(() => [{ text: 'One two ' }, { end: 'hang' }])
    const threadId = await chat.thread(owner)
    const { replyId } = await chat.send(owner, threadId, 'Count.')
    using stream = await openStream(
      chat.world.server.baseUrl,
      'chat.stream',
      { replyId },
      { token: owner.token },
    )
    await until('the first words', () =>
      stream.events().some(({ data }) => field(data, 'type') === 'delta') ? true : undefined,
    )
    const request = chat.vendor.questions().at(-1)
    expectOk(await mutate(chat.world.server.baseUrl, 'chat.stop', { replyId }, { token: owner.token }))
    await until('the vendor sees it', () => request?.leftAt, 2_000)
    const message = await chat.ended(owner, threadId, replyId)
    expect(field(message, 'state')).toBe('stopped')
    expect(String(field(message, 'text')).trim()).toBe('One two')
    expect(await heldRoom()).toBe(0)
  })

  test('a budget is exact under twenty calls at once', async () => {
    const { stranger } = chat.world.principals
    const { baseUrl } = chat.world.server
    const used = await tokensOf(stranger.id)
    const MAX_TOKENS = 1_200
    const maxTokens = BigInt(MAX_TOKENS + used)
    const budget = { userId: stranger.id, period: 'day', maxTokens } as const
    await chat.world.server.database.prisma.budget.create({ data: budget })
    chat.vendor.answer(() => [{ text: 'Yes.' }, { usage: { inputTokens: 40, outputTokens: MAX_OUTPUT } }])
    const threads = await Promise.all(Array.from({ length: 20 }, () => chat.thread(stranger)))
    const before = chat.vendor.questions().length
    const replies = await Promise.all(
      threads.map(async (threadId) => {
        const answer = await mutate(
          baseUrl,
          'chat.send',
          { threadId, text: 'Is it?' },
          { token: stranger.token },
        )
        if (answer.status !== 200) return JSON.stringify(answer.error)
        return JSON.stringify(
          await chat.ended(stranger, threadId, String(field(answer.data, 'replyId')), 30_000),
        )
      }),
    )
    const done = replies.filter((text) => text.includes('"state":"done"'))
    const refused = replies.filter((text) => text.includes('BUDGET_EXCEEDED'))
    expect(done.length + refused.length).toBe(20)
    expect(done.length).toBeGreaterThan(0)
    expect(refused.length).toBeGreaterThan(0)
    expect(chat.vendor.questions().length - before).toBe(done.length)
    const spent = (await tokensOf(stranger.id)) - used
    expect(spent).toBe(done.length * (40 + MAX_OUTPUT))
    expect(spent).toBeLessThanOrEqual(MAX_TOKENS)
    expect(await heldRoom()).toBe(0)
  }, 60_000)
})

function isOver(request: { leftAt: number | undefined; ended: boolean } | undefined): true | undefined {
  return request?.leftAt !== undefined || request?.ended === true ? true : undefined
}

/** Calls whose room in the budget is still held; none when nothing is under way. */
async function heldRoom(): Promise<number> {
  const { pool } = chat.world.server.database
  const { rows } = await pool.query<{ count: string }>(
    "SELECT count(*) FROM usage_entries WHERE state = 'reserved'",
  )
  return Number(rows[0]?.count ?? Number.NaN)
}

async function tokensOf(userId: string): Promise<number> {
  const { pool } = chat.world.server.database
  const { rows } = await pool.query<{ sum: string | null }>(
    'SELECT sum(input_tokens + output_tokens) FROM usage_entries WHERE user_id = $1',
    [userId],
  )
  return Number(rows[0]?.sum ?? 0)
}
