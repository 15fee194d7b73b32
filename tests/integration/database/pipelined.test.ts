import type pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  isUnavailable,
  type NamedQuery,
  pipelinedQuery,
} from '../../../server/src/platform/database/index.ts'
import {
  newTraceId,
  type RequestContext,
  runInContext,
} from '../../../server/src/platform/request-context.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

const MOST = 8

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase(databaseKind(), { poolSize: 3, poolWaitMs: 2_000 })
})
afterEach(() => db.drop())

interface Answer extends pg.QueryResultRow {
  readonly of: number
  readonly connection: number
}

/** Says on which connection it ran. @throws "division by zero" for 0 */
function numbered(number: number): NamedQuery {
  const text = 'SELECT 12 / $1::int * 0 + $1::int AS of, pg_backend_pid() AS connection'
  return { name: 'test_numbered', text, values: [number] }
}

function read(number: number): Promise<Answer[]> {
  return pipelinedQuery<Answer>(db.database, numbered(number))
}

test('statements of one moment share a connection, and each gets its own answer', async () => {
  const answers = (await Promise.all([1, 2, 3, 4].map(read))).flat()
  expect(answers.map((answer) => answer.of)).toEqual([1, 2, 3, 4])
  expect(new Set(answers.map(({ connection }) => connection)).size).toBe(1)
  expect(db.database.pool.idleCount).toBe(db.database.pool.totalCount)
})

test('a connection is shared by so many and no more', async () => {
  let connections = 0
  db.database.pool.on('acquire', () => {
    connections += 1
  })
  const numbers = Array.from({ length: MOST + 1 }, (_, index) => index + 1)
  const answers = (await Promise.all(numbers.map(read))).flat()
  expect(answers.map((answer) => answer.of)).toEqual(numbers)
  expect(connections).toBe(2)
})

test('one that fails fails alone', async () => {
  const [before, wrong, after] = await Promise.allSettled([1, 0, 2].map(read))
  expect([before?.status, wrong?.status, after?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(String(wrong?.status === 'rejected' && wrong.reason)).toContain('division by zero')
  expect(await read(3)).toMatchObject([{ of: 3 }])
})

test('when a connection breaks, all that share it are asked again by themselves', async () => {
  await read(1)
  db.database.pool.once('acquire', (client) => {
    // After the statements were sent.
    setImmediate(() => client.connection.stream.destroy())
  })
  const waiting: NamedQuery = { name: 'test_wait', text: 'SELECT pg_sleep(0.3)', values: [] }
  const [, second] = await Promise.all([pipelinedQuery(db.database, waiting), read(2)])
  expect(second).toMatchObject([{ of: 2 }])
  // A statement that a connection has lost, as behind a pooler that resets it, takes the connection along.
  await db.database.pool.query('DEALLOCATE ALL')
  expect(await Promise.all([read(3), read(4)])).toMatchObject([[{ of: 3 }], [{ of: 4 }]])
})

test('while no connection is free those who come join who waits, and nobody waits for ever', async () => {
  const { pool } = db.database
  const taken = await Promise.all([pool.connect(), pool.connect(), pool.connect()])
  const first = read(1)
  await expect.poll(() => pool.waitingCount).toBe(1)
  const second = read(2)
  taken.shift()?.release()
  expect((await Promise.all([first, second])).flat().map((answer) => answer.of)).toEqual([1, 2])

  const last = await pool.connect()
  const outcomes = await Promise.allSettled([read(3), read(4)])
  for (const outcome of outcomes) {
    expect(outcome.status === 'rejected' && isUnavailable(outcome.reason)).toBe(true)
  }
  for (const client of [...taken, last]) client.release()
  expect(await read(5)).toMatchObject([{ of: 5 }])
})

test('each request that has a part in a write counts one round trip', async () => {
  const requests = [1, 2, 3].map((number) => {
    const counted: RequestContext = {
      traceId: newTraceId(),
      surface: 'system',
      ip: undefined,
      userAgent: undefined,
      roundTrips: 0,
    }
    return { counted, answer: runInContext(counted, () => read(number)) }
  })
  await Promise.all(requests.map(({ answer }) => answer))
  expect(requests.map(({ counted }) => counted.roundTrips)).toEqual([1, 1, 1])
})
