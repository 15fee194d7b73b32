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
