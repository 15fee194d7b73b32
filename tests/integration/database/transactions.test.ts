import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  isForeignKeyViolation,
  isRetryableConflict,
  isUnavailable,
  isUniqueViolation,
  query,
  type Tx,
  transaction,
} from '../../../server/src/platform/database/index.ts'
import { type RequestContext, runInContext } from '../../../server/src/platform/request-context.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
  await db.database.pool.query(`
    CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL);
    CREATE FUNCTION refuse_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'conflict at commit' USING ERRCODE = '40001'; END $$;
    CREATE CONSTRAINT TRIGGER refuse_commit AFTER UPDATE ON counter DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.value < 0) EXECUTE FUNCTION refuse_commit()`)
})
afterAll(() => db.drop())
beforeEach(async () => {
  await db.database.pool.query('DELETE FROM counter; INSERT INTO counter VALUES (1, 0)')
})

async function value(): Promise<number> {
  const rows = await query<{ value: number }>(db.database, {
    name: 'test_counter_value',
    text: 'SELECT value FROM counter WHERE id = $1',
    values: [1],
  })
  return rows[0]?.value ?? Number.NaN
}

async function increment(tx: Tx): Promise<void> {
  const [row] = await tx.$queryRaw<{ value: number }[]>`SELECT value FROM counter WHERE id = 1 FOR UPDATE`
  await tx.$executeRaw`UPDATE counter SET value = ${(row?.value ?? 0) + 1} WHERE id = 1`
}

test('eight transactions at once stay apart and all finish', async () => {
  const transactions = Array.from({ length: 8 }, () => transaction(db.database, increment))
  await Promise.all(transactions)
  expect(await value()).toBe(8)
})

test('a transaction that throws leaves nothing behind', async () => {
  const failing = transaction(db.database, async (tx) => {
    await increment(tx)
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await value()).toBe(0)
})

test.each(['40001', '40P01'])('a conflict (%s) inside the transaction is tried again', async (state) => {
  let attempts = 0
  await transaction(db.database, async (tx) => {
    attempts += 1
    await increment(tx)
    if (attempts < 3) {
      await tx.$executeRawUnsafe(`DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '${state}'; END $$`)
    }
  })
  expect(attempts).toBe(3)
  expect(await value()).toBe(1)
})

test('a conflict that shows only at COMMIT is tried again', async () => {
  let attempts = 0
  await transaction(db.database, async (tx) => {
    attempts += 1
    await tx.$executeRaw`UPDATE counter SET value = ${attempts < 3 ? -1 : 7} WHERE id = 1`
  })
  expect(attempts).toBe(3)
  expect(await value()).toBe(7)
})

test('a conflict that stays is given up after the retries, as a conflict', async () => {
  let attempts = 0
  const failure = await transaction(
    db.database,
    async (tx) => {
      attempts += 1
      await tx.$executeRaw`UPDATE counter SET value = -1 WHERE id = 1`
    },
    { retries: 2 },
  ).catch((error: unknown) => error)
  expect(attempts).toBe(3)
  expect(isRetryableConflict(failure)).toBe(true)
  expect(isUnavailable(failure)).toBe(false)
})

test('round trips are counted where they belong, however full the pool is', async () => {
  const context = (): RequestContext => ({
    traceId: '0'.repeat(32),
    surface: 'system',
    ip: undefined,
    userAgent: undefined,
    roundTrips: 0,
  })
  const contexts = Array.from({ length: 40 }, context)
  await Promise.all(contexts.map((each) => runInContext(each, value)))
  expect(contexts.map((each) => each.roundTrips)).toEqual(contexts.map(() => 1))

  const read = context()
  // A Prisma call starts when it is awaited, so that has to happen inside.
  await runInContext(read, async () => await db.database.prisma.user.findFirst())
  expect(read.roundTrips).toBe(1)
  const write = context()
  await runInContext(write, () =>
    transaction(db.database, (tx) => tx.$executeRaw`UPDATE counter SET value = 1 WHERE id = 1`),
  )
  // BEGIN leaves with the statement.
  expect(write.roundTrips).toBe(2)
})

test('violations are told apart, from Prisma and from plain statements', async () => {
  const data = { email: 'twice@example.com', fullName: 'Twice', passwordHash: 'x' }
  await db.database.prisma.user.create({ data })
  const failures = await Promise.all(
    [
      () => db.database.prisma.user.create({ data }),
      () => db.database.pool.query('INSERT INTO counter VALUES (1, 1)'),
      () =>
        db.database.prisma.session.create({ data: { userId: crypto.randomUUID(), expiresAt: new Date() } }),
      () => db.database.pool.query('SELECT 1 / 0'),
    ].map((work) => work().then(Boolean, (error: unknown) => error)),
  )
  expect(failures.map((failure) => isUniqueViolation(failure))).toEqual([true, true, false, false])
  expect(failures.map((failure) => isUniqueViolation(failure, 'users_email_live_key'))).toEqual([
    true,
    false,
    false,
    false,
  ])
  expect(failures.map((failure) => isForeignKeyViolation(failure))).toEqual([false, false, true, false])
  expect(failures.map((failure) => isUnavailable(failure))).toEqual([false, false, false, false])
})

test('a connection of the pool that cannot be had in time is "unavailable"', async () => {
  const narrow = await createTestDatabase(databaseKind(), { poolSize: 1, poolWaitMs: 200 })
  try {
    const taken = await narrow.database.pool.connect()
    const [raw, prisma] = await Promise.allSettled([
      narrow.database.pool.query('SELECT 1'),
      narrow.database.prisma.user.count(),
    ])
    taken.release()
    expect(
      [raw, prisma].map((result) => result.status === 'rejected' && isUnavailable(result.reason)),
    ).toEqual([true, true])
    await narrow.database.ping(1_000)
  } finally {
    await narrow.drop()
  }
})
