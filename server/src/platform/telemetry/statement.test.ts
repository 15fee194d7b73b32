import { expect, test } from 'vitest'
import { summarise } from './statement.ts'

test.each([
  ['SELECT "public"."tasks"."id" FROM "public"."tasks" WHERE id = $1', 'SELECT tasks', 'SELECT'],
  ['insert into audit_events (id) values ($1)', 'INSERT audit_events', 'INSERT'],
  ['UPDATE ONLY projects SET name = $1', 'UPDATE projects', 'UPDATE'],
  ['BEGIN', 'BEGIN', 'BEGIN'],
  ['LISTEN plinth', 'LISTEN', 'OTHER'],
  ['', 'OTHER', 'OTHER'],
  ['WITH audited AS ( INSERT INTO audit_events (id) VALUES ($1)) SELECT 1', 'INSERT audit_events', 'INSERT'],
  ['WITH seat AS (SELECT id FROM projects) SELECT 1', 'WITH projects', 'WITH'],
])('%s is called %s', (statement, name, operation) => {
  expect(summarise(statement)).toMatchObject({ name, operation })
})

test.each([
  ["SELECT 'it''s a secret', $1, 42, t1.c2 FROM t1 LIMIT 10", 'SELECT ?, $1, ?, t1.c2 FROM t1 LIMIT ?'],
  ['SELECT $$a secret$$', 'SELECT ?'],
  ["SELECT 'never closed", 'SELECT ?'],
])('values written into %s are cut out', (statement, text) => {
  expect(summarise(statement).text).toBe(text)
})

test('a long statement is cut, also inside a value', () => {
  const { text } = summarise(`SELECT ${'a, '.repeat(1_300)}'${'secret'.repeat(100)}' FROM t`)
  expect(text.length).toBeLessThanOrEqual(2_000)
  expect(text).not.toContain('secret')
})
