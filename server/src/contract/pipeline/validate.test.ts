import { expect, test } from 'vitest'
import { z } from 'zod'
import { validationError } from './validate.ts'

const schema = z.strictObject({
  title: z.string().max(5),
  password: z.string().min(12),
  items: z.array(z.strictObject({ n: z.int() })),
})

function issuesOf(input: unknown) {
  const parsed = schema.safeParse(input)
  if (parsed.success) throw new Error('expected a refusal')
  return validationError(parsed.error, input).issues
}

test('every issue names its field by path and shows the value, except of secrets', () => {
  const issues = issuesOf({ title: 'too long', password: 'short', items: [{ n: 1 }, { n: 'x' }] })
  expect(issues.map(({ field, value }) => [field, value])).toEqual([
    ['title', 'too long'],
    ['password', undefined],
    ['items.1.n', 'x'],
  ])
})

test('unknown fields are named one by one', () => {
  const issues = issuesOf({ title: 'a', password: 'long enough!!', items: [], role: 'admin', id: 1 })
  expect(issues.map(({ field }) => field)).toEqual(['role', 'id'])
})

test('what was sent instead of the input is not shown', () => {
  expect(issuesOf('perhaps a password')).toEqual([{ field: '', message: expect.any(String) }])
})

test('ten issues at most, with short values', () => {
  const issues = issuesOf({
    title: 'x'.repeat(100_000),
    password: 1,
    items: Array.from({ length: 5_000 }, () => 1),
  })
  expect(issues).toHaveLength(10)
  expect(JSON.stringify(issues).length).toBeLessThan(4_096)
})
