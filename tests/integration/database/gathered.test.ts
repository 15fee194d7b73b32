import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { gathered, query } from '../../../server/src/platform/database/index.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

interface Reader {
  readonly name: string
}

interface Secret {
  readonly id: string
  readonly text: string
  readonly [column: string]: unknown
}

let db: TestDatabase
/** What each statement asked for, and for whom. */
let asked: { readonly reader: Reader; readonly ids: readonly string[] }[] = []

beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
  await db.database.pool.query(`
    CREATE TABLE secret (id text PRIMARY KEY, owner text NOT NULL, text text NOT NULL);
    INSERT INTO secret SELECT 'a' || n, 'ada', 'ada''s ' || n FROM generate_series(1, 300) n;
    INSERT INTO secret SELECT 'b' || n, 'bob', 'bob''s ' || n FROM generate_series(1, 3) n`)
})
afterAll(() => db.drop())
beforeEach(() => {
  asked = []
})

const findSecret = gathered(async (database, reader: Reader, ids) => {
  asked.push({ reader, ids })
  return await query<Secret>(database, {
    name: 'test_secrets',
    text: 'SELECT id, text FROM secret WHERE owner = $1 AND id = ANY($2)',
    values: [reader.name, ids],
  })
})
const textOf = async (reader: Reader, id: string) => (await findSecret(db.database, reader, id))?.text ?? null

test('what one reader asks for in one turn is one statement, and each call gets its own answer', async () => {
  const ada = { name: 'ada' }
  const answers = await Promise.all(['a1', 'b1', 'none', 'a2', 'a1'].map((id) => textOf(ada, id)))
  expect(answers).toEqual(["ada's 1", null, null, "ada's 2", "ada's 1"])
  expect(asked).toEqual([{ reader: ada, ids: ['a1', 'b1', 'none', 'a2'] }])
})

test('calls that have awaited more than others are still of the same turn', async () => {
  const ada = { name: 'ada' }
  const after = async (steps: number, id: string) => {
    for (let step = 0; step < steps; step += 1) await undefined
    return await textOf(ada, id)
  }
  await Promise.all([after(0, 'a1'), after(1, 'a2'), after(50, 'a3')])
  expect(asked.map(({ ids }) => ids)).toEqual([['a1', 'a2', 'a3']])
})

test('readers never share, even when they are alike', async () => {
  const [ada, bob, other] = [{ name: 'ada' }, { name: 'bob' }, { name: 'ada' }]
  const answers = await Promise.all([
    textOf(ada, 'a1'),
    textOf(bob, 'a1'),
    textOf(bob, 'b1'),
    textOf(other, 'a1'),
  ])
  expect(answers).toEqual(["ada's 1", null, "bob's 1", "ada's 1"])
  expect(asked.map(({ ids }) => ids)).toEqual([['a1'], ['a1', 'b1'], ['a1']])
  expect(new Set(asked.map(({ reader }) => reader)).size).toBe(3)
})

test('the next turn asks again, so that nobody sees what has changed since', async () => {
  const ada = { name: 'ada' }
  const early = textOf(ada, 'a9')
  await nextTurn()
  await db.database.pool.query(`UPDATE secret SET owner = 'bob' WHERE id = 'a9'`)
  expect(await textOf(ada, 'a9')).toBeNull()
  expect(await early).toBe("ada's 9")
  expect(asked).toHaveLength(2)
})

test('more than a hundred ids take another statement', async () => {
  const ada = { name: 'ada' }
  const ids = Array.from({ length: 250 }, (_, index) => `a${index + 20}`)
  const answers = await Promise.all(ids.map((id) => textOf(ada, id)))
  expect(answers).toEqual(ids.map((id) => `ada's ${id.slice(1)}`))
  expect(asked.map((one) => one.ids.length)).toEqual([100, 100, 50])
})

test('a statement that fails fails each of its calls and no other', async () => {
  const [ada, bob] = [{ name: 'ada' }, { name: 'bob' }]
  const failing = gathered(async (database, reader: Reader, ids) => {
    if (reader === ada)
      return await query<Secret>(database, { name: 'test_wrong', text: 'SELECT 1 / 0', values: [] })
    return ids.map((id) => ({ id, text: 'found' }))
  })
  const settled = await Promise.allSettled([
    failing(db.database, ada, 'a1'),
    failing(db.database, bob, 'b1'),
    failing(db.database, ada, 'a2'),
  ])
  expect(settled).toEqual([
    { status: 'rejected', reason: expect.objectContaining({ code: '22012' }) },
    { status: 'fulfilled', value: { id: 'b1', text: 'found' } },
    { status: 'rejected', reason: expect.objectContaining({ code: '22012' }) },
  ])
})
