import type pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  isForeignKeyViolation,
  isUnavailable,
  isUniqueViolation,
  type NamedQuery,
  query,
  queryIn,
  runAtCommit,
  type Tx,
  transaction,
} from '../../../server/src/platform/database/index.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

let db: TestDatabase
beforeEach(async () => {
  // One connection, so that whoever comes next gets the one that was just given back.
  db = await createTestDatabase(databaseKind(), { poolSize: 1, poolWaitMs: 2_000 })
  await db.database.pool.query(`
    CREATE TABLE entry (id int PRIMARY KEY, of int REFERENCES entry DEFERRABLE INITIALLY DEFERRED)`)
})
afterEach(() => db.drop())

function add(id: number, of: number | null = null): NamedQuery {
  return { name: 'test_add', text: 'INSERT INTO entry VALUES ($1, $2) RETURNING id', values: [id, of] }
}

/** What is there, as the next user of the connection sees it. */
async function kept(): Promise<number[]> {
  const rows = await query<{ id: number }>(db.database, {
    name: 'test_all',
    text: 'SELECT id FROM entry ORDER BY id',
    values: [],
  })
  const client = await db.database.pool.connect()
  const status = client.getTransactionStatus()
  client.release()
  expect(status).toBe('I')
  return rows.map((row) => row.id)
}

function failureOf(work: (tx: Tx) => Promise<unknown>): Promise<unknown> {
  return transaction(db.database, work).then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('statements of Prisma, past Prisma and at the commit are one transaction, in this order', async () => {
  const answer = await transaction(db.database, async (tx) => {
    runAtCommit(tx, add(3, 2))
    await tx.$executeRaw`INSERT INTO entry VALUES (1, NULL)`
    expect(await queryIn<{ id: number }>(tx, add(2, 1))).toEqual([{ id: 2 }])
    runAtCommit(tx, add(4, 3))
    return await tx.$queryRaw`SELECT count(*)::int AS there FROM entry`
  })
  expect(answer).toEqual([{ there: 2 }])
  expect(await kept()).toEqual([1, 2, 3, 4])
})

test('nothing but statements at the commit is a transaction too, and nothing at all is none', async () => {
  await transaction(db.database, async (tx) => {
    runAtCommit(tx, add(1))
    runAtCommit(tx, add(2, 1))
  })
  await transaction(db.database, async () => undefined)
  expect(await kept()).toEqual([1, 2])
})

test('a statement at the commit that fails fails the transaction with its error, and nothing is kept', async () => {
  const failure = await failureOf(async (tx) => {
    await queryIn(tx, add(1))
    runAtCommit(tx, add(2))
    runAtCommit(tx, add(1))
    runAtCommit(tx, add(3))
  })
  expect(isUniqueViolation(failure, 'entry_pkey')).toBe(true)
  expect(await kept()).toEqual([])
})

test('a COMMIT that fails is the failure, and nothing is kept', async () => {
  const failure = await failureOf(async (tx) => {
    await queryIn(tx, add(1, 7))
    runAtCommit(tx, add(2))
  })
  expect(isForeignKeyViolation(failure)).toBe(true)
  expect(await kept()).toEqual([])
})

test('a transaction that was aborted is not committed, though nobody minded the failure', async () => {
  const failure = await failureOf(async (tx) => {
    await queryIn(tx, add(1))
    await tx.$executeRaw`INSERT INTO entry VALUES (1, NULL)`.catch(() => undefined)
  })
  expect(isUniqueViolation(failure, 'entry_pkey')).toBe(true)
  const inFront = await failureOf(async (tx) => {
    await queryIn(tx, { name: 'test_wrong', text: 'SELECT 1 / $1::int', values: [0] }).catch(() => undefined)
  })
  expect(String(inFront)).toContain('division by zero')
  expect(await kept()).toEqual([])
})

test('a BEGIN that fails takes the statement that left with it along', async () => {
  // What it is prepared as is gone, as behind a pooler that resets its connections.
  await db.database.pool.query('DEALLOCATE ALL')
  for (const work of [
    (tx: Tx) => tx.$executeRaw`INSERT INTO entry VALUES (1, NULL)`,
    (tx: Tx) => queryIn(tx, add(2)),
    async (tx: Tx) => runAtCommit(tx, add(3)),
  ]) {
    expect(String(await failureOf(work))).toMatch(/prepared statement .* does not exist/)
    // The connection that lost it is replaced.
    expect(await kept()).toEqual([])
    await transaction(db.database, (tx) => queryIn(tx, add(9)))
    await db.database.pool.query('DELETE FROM entry')
    await db.database.pool.query('DEALLOCATE ALL')
  }
})

test('a first statement that cannot be prepared leaves a connection that can be used', async () => {
  const wrong = { name: 'test_nowhere', text: 'INSERT INTO nowhere VALUES ($1)', values: [1] }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(String(await failureOf((tx) => queryIn(tx, wrong)))).toContain('nowhere')
  }
  await db.database.pool.query('CREATE TABLE nowhere (id int)')
  await transaction(db.database, (tx) => queryIn(tx, wrong))
  expect(await kept()).toEqual([])
})

test('isolation is that asked for', async () => {
  const level = async (tx: Tx) => {
    const text = 'SHOW transaction_isolation'
    return (await queryIn(tx, { name: 'test_isolation', text, values: [] }))[0]
  }
  const options = { isolationLevel: 'RepeatableRead' } as const
  expect(await transaction(db.database, level, options)).toEqual({ transaction_isolation: 'repeatable read' })
  expect(await transaction(db.database, level)).toEqual({ transaction_isolation: 'read committed' })
})

test('who comes after the end of a transaction is refused', async () => {
  let late: Tx | undefined
  await transaction(db.database, async (tx) => {
    late = tx
    await queryIn(tx, add(1))
  })
  const outlived = await transaction(
    db.database,
    async (tx) => {
      await queryIn(tx, { name: 'test_sleep', text: 'SELECT pg_sleep($1)', values: [0.3] })
      await queryIn(tx, add(2))
    },
    { timeoutMs: 100 },
  ).catch((error: unknown) => error)
  expect(isUnavailable(outlived)).toBe(true)
  if (late === undefined) throw new Error('There was no transaction')
  await expect(queryIn(late, add(3))).rejects.toThrow('The transaction is over')
  await expect(late.$executeRaw`INSERT INTO entry VALUES (3, NULL)`).rejects.toThrow(
    'The transaction is over',
  )
  await expect(queryIn(db.database.prisma, add(3))).rejects.toThrow('Not inside')
  expect(await kept()).toEqual([1])

  // The same for one that Prisma had a part in.
  await transaction(db.database, async (tx) => {
    late = tx
    await tx.$executeRaw`INSERT INTO entry VALUES (2, NULL)`
  })
  const refused = await late.$executeRaw`INSERT INTO entry VALUES (3, NULL)`.catch((error: unknown) => error)
  expect(isUnavailable(refused)).toBe(true)
  expect(await kept()).toEqual([1, 2])
})

test('what Prisma is asked beside a transaction runs on a connection of its own', async () => {
  const roomy = await createTestDatabase(databaseKind(), { poolSize: 2, poolWaitMs: 2_000 })
  try {
    const { prisma } = roomy.database
    const failure = await transaction(roomy.database, async (tx) => {
      await tx.$executeRaw`CREATE TABLE inside (id int)`
      const beside = await prisma.$transaction(
        (own) => own.$queryRaw`SELECT to_regclass('inside')::text AS it`,
      )
      expect(beside).toEqual([{ it: null }])
      expect(await tx.$queryRaw`SELECT to_regclass('inside')::text AS it`).toEqual([{ it: 'inside' }])
      throw new Error('no')
    }).catch((error: unknown) => error)
    expect(String(failure)).toContain('no')
    expect(await prisma.$queryRaw`SELECT to_regclass('inside')::text AS it`).toEqual([{ it: null }])
  } finally {
    await roomy.drop()
  }
})

test('a connection that breaks before the commit is an unavailable database, and nothing is kept', async () => {
  let client: pg.PoolClient | undefined
  db.database.pool.once('acquire', (acquired) => {
    client = acquired
  })
  const failure = await failureOf(async (tx) => {
    await queryIn(tx, add(1))
    runAtCommit(tx, add(2))
    client?.connection.stream.destroy()
  })
  expect(isUnavailable(failure)).toBe(true)
  expect(await kept()).toEqual([])
})
