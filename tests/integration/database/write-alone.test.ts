import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  isUnavailable,
  type NamedQuery,
  query,
  writeAlone,
} from '../../../server/src/platform/database/index.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase(databaseKind(), { poolSize: 1, poolWaitMs: 200 })
  await db.database.pool.query(`
    CREATE TABLE entry (id int PRIMARY KEY);
    CREATE SEQUENCE attempts;
    -- A sequence goes on counting in what is rolled back.
    CREATE FUNCTION fails(state text, times int) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('attempts') <= times THEN RAISE EXCEPTION 'made to fail' USING ERRCODE = state; END IF;
      RETURN 1;
    END $$`)
})
afterEach(() => db.drop())

/** Adds an entry, after failing so many times with this SQLSTATE. */
function add(id: number, failing: { readonly state: string; readonly times: number }): NamedQuery {
  return {
    name: 'test_add_after',
    text: 'INSERT INTO entry SELECT $1::int WHERE fails($2, $3) = 1 ON CONFLICT DO NOTHING RETURNING id',
    values: [id, failing.state, failing.times],
  }
}

const never = { state: '40001', times: 0 }

async function entries(): Promise<number[]> {
  const statement = { name: 'test_entries', text: 'SELECT id FROM entry ORDER BY id', values: [] }
  return (await query<{ id: number }>(db.database, statement)).map(({ id }) => id)
}

test('says whether it gave a row', async () => {
  const announce = vi.fn()
  expect(await writeAlone(db.database, add(1, never), announce)).toBe(true)
  expect(await writeAlone(db.database, add(1, never), announce)).toBe(false)
  expect(announce).not.toHaveBeenCalled()
})

test.for(['40001', '40P01'])('is done again after a conflict (%s)', async (state) => {
  const announce = vi.fn()
  expect(await writeAlone(db.database, add(1, { state, times: 2 }), announce)).toBe(true)
  expect(await entries()).toEqual([1])
  expect(announce).not.toHaveBeenCalled()
})

test('what nobody could begin, and what the database gave up, is not announced', async () => {
  const announce = vi.fn()
  const held = await db.database.pool.connect()
  const noConnection = await writeAlone(db.database, add(1, never), announce).catch((error: unknown) => error)
  held.release()
  const given = await writeAlone(db.database, add(1, { state: '57014', times: 1 }), announce).catch(
    (error: unknown) => error,
  )
  expect([noConnection, given].map(isUnavailable)).toEqual([true, true])
  expect(await entries()).toEqual([])
  expect(announce).not.toHaveBeenCalled()
})

test('what was cut off by a server that ends may have been committed', async () => {
  const announce = vi.fn()
  await expect(writeAlone(db.database, add(1, { state: '57P01', times: 1 }), announce)).rejects.toThrow()
  expect(announce).toHaveBeenCalledOnce()
})
