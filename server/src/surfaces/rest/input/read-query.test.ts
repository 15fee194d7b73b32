import { expect, test } from 'vitest'
import type { FieldIssue } from '../../../contract/errors.ts'
import { readQuery } from './read-query.ts'
import { type TextReader, textReader } from './text-reader.ts'

const readers = new Map<string, TextReader>([
  ['search', textReader({ type: 'string' })],
  ['limit', textReader({ type: 'integer' })],
  ['tags', textReader({ type: 'array', items: { type: 'string' } })],
  ['token', textReader({ type: 'integer' })],
])

function read(search: string) {
  const input: Record<string, unknown> = {}
  const issues: FieldIssue[] = []
  readQuery(search, readers, input, issues)
  return { input, issues }
}

test.each([
  ['', {}],
  ['search=a+b%20c%2B&limit=5', { search: 'a b c+', limit: 5 }],
  ['search', { search: '' }],
  ['&&search=a=b&', { search: 'a=b' }],
  ['tags=one', { tags: ['one'] }],
  ['tags=one&limit=1&tags=', { tags: ['one', ''], limit: 1 }],
  ['%73earch=x', { search: 'x' }],
])('%j is %j', (search, input) => {
  expect(read(search)).toEqual({ input, issues: [] })
})

test.each([
  ['limit=1&limit=2', { field: 'limit', message: 'Send this field once.' }],
  ['limit=five', { field: 'limit', message: 'Give a whole number, for example 20.', value: 'five' }],
  ['Limit=5', { field: 'Limit', message: 'There is no such field.' }],
  ['tags[]=5', { field: 'tags[]', message: 'There is no such field.' }],
  ['__proto__=1', { field: '__proto__', message: 'There is no such field.' }],
  ['__proto__[x]=1', { field: '__proto__[x]', message: 'There is no such field.' }],
  ['constructor.prototype=1', { field: 'constructor.prototype', message: 'There is no such field.' }],
  // Not shown: it may be a secret.
  ['token=abc', { field: 'token', message: 'Give a whole number, for example 20.' }],
])('%j is refused', (search, issue) => {
  expect(read(search).issues).toEqual([issue])
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
})

test.each(['search=%', 'search=%E0%A4%A', '%zz=1', 'search=%ff'])('%j is not decoded somehow', (search) => {
  expect(() => read(search)).toThrow('The query string is malformed.')
})

test('a long name is cut', () => {
  expect(read(`${'x'.repeat(5_000)}=1`).issues[0]?.field).toHaveLength(60)
})
