import { expect, test } from 'vitest'
import { createSweeper } from '../../../server/src/platform/database/index.ts'
import { retention } from '../../../server/src/retention.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'

const LOGGER = { info() {}, warn() {}, error() {} }
const DAY_MS = 86_400_000

test('a table that grows faster than one turn takes is swept to its end', async () => {
  const { database, drop } = await createTestDatabase(databaseKind())
  try {
    await database.pool.query(
      `INSERT INTO events (stream, id, type, data, created_at)
       SELECT 's', n, 't', '{}', now() - interval '8 days' FROM generate_series(1, 21000) n`,
    )
    const sweeper = createSweeper(database, retention, LOGGER)
    expect(await sweeper.sweep({ withinMs: 0 })).toBe(0)
    expect(await sweeper.sweep()).toBe(21_000)
  } finally {
    await drop()
  }
})

test('rows go when their time is over, in batches, and no others', async () => {
  const { database, drop } = await createTestDatabase(databaseKind())
  try {
    const { prisma } = database
    const ago = (days: number) => new Date(Date.now() - days * DAY_MS)
    const event = (id: number, days: number) => ({
      stream: 's',
      id: BigInt(id),
      type: 't',
      data: {},
      createdAt: ago(days),
    })
    await prisma.event.createMany({ data: Array.from({ length: 2_500 }, (_, index) => event(index + 1, 8)) })
    await prisma.event.create({ data: event(2_501, 6) })
    const key = (name: string, days: number) => ({
      owner: 'o',
      procedure: 'p',
      key: name,
      inputHash: 'h',
      expiresAt: ago(days),
    })
    await prisma.idempotencyKey.createMany({ data: [key('old', 1), key('new', -1)] })
    const user = await prisma.user.create({
      data: { email: 'a@b.co', fullName: 'A', passwordHash: 'x', passwordChangedAt: new Date() },
    })
    const session = (expires: number, revoked: number | null) => ({
      userId: user.id,
      expiresAt: ago(expires),
      revokedAt: revoked === null ? null : ago(revoked),
    })
    await prisma.session.createMany({
      data: [session(31, null), session(-1, 31), session(-1, 1), session(-1, null)],
    })

    const sweeper = createSweeper(database, retention, LOGGER)
    expect(await sweeper.sweep()).toBe(2_500 + 1 + 2)
    expect(await sweeper.sweep()).toBe(0)
    expect(await prisma.event.findMany({ select: { id: true } })).toEqual([{ id: 2_501n }])
    expect(await prisma.idempotencyKey.findMany({ select: { key: true } })).toEqual([{ key: 'new' }])
    expect(await prisma.session.count()).toBe(2)
  } finally {
    await drop()
  }
})

test('threads of users go 30 days after their account was deleted, with all that was said in them', async () => {
  const { database, drop } = await createTestDatabase(databaseKind())
  try {
    const { prisma, pool } = database
    const ago = (days: number) => new Date(Date.now() - days * DAY_MS)
    const userWith = async (name: string, deletedAt: Date | null) => {
      const user = await prisma.user.create({
        data: {
          email: `${name}@b.co`,
          fullName: name,
          passwordHash: 'x',
          passwordChangedAt: new Date(),
          deletedAt,
        },
      })
      const thread = await prisma.thread.create({ data: { userId: user.id, title: name } })
      const question = await prisma.message.create({
        data: { threadId: thread.id, role: 'user', state: 'done', text: 'Why?' },
      })
      const reply = await prisma.message.create({
        data: {
          threadId: thread.id,
          role: 'assistant',
          state: 'failed',
          text: 'Bec',
          answersId: question.id,
        },
      })
      const at = deletedAt ?? new Date()
      await prisma.event.create({
        data: { stream: `reply:${reply.id}`, id: 1n, type: 'delta', data: {}, createdAt: at },
      })
      return { userId: user.id, threadId: thread.id, replyId: reply.id }
    }
    const gone = await userWith('gone', ago(31))
    const [leaving, staying] = [await userWith('leaving', ago(6)), await userWith('staying', null)]
    // More than one batch in one thread, and a thread in which nothing was said.
    await pool.query(
      `INSERT INTO messages (id, thread_id, role, state, text)
       SELECT gen_random_uuid(), $1, 'user', 'done', 'More' FROM generate_series(1, 1500)`,
      [gone.threadId],
    )
    await prisma.thread.create({ data: { userId: gone.userId, title: 'Empty' } })

    const sweeper = createSweeper(database, retention, LOGGER)
    const [messages, threads, events] = [1_502, 2, 1]
    // A reply that goes with what it answers is not counted again.
    expect(await sweeper.sweep()).toBeGreaterThanOrEqual(messages + threads + events - 1)
    const kept = [leaving, staying].map(({ threadId }) => threadId)
    expect(await prisma.thread.findMany({ select: { id: true }, orderBy: { id: 'asc' } })).toEqual(
      kept.map((id) => ({ id })),
    )
    expect(await prisma.message.count()).toBe(4)
    expect(await prisma.message.count({ where: { threadId: { in: kept } } })).toBe(4)
    expect(await prisma.event.findMany({ select: { stream: true }, orderBy: { stream: 'asc' } })).toEqual(
      [leaving, staying].map(({ replyId }) => ({ stream: `reply:${replyId}` })),
    )
    expect(await sweeper.sweep()).toBe(0)
  } finally {
    await drop()
  }
})
