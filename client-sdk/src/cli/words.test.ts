import { expect, test } from 'vitest'
import { kebab, similar, wordsOf } from './words.ts'

test('paths and fields as they are typed', () => {
  expect(wordsOf('projects.members.setRole')).toEqual(['projects', 'members', 'set-role'])
  expect(kebab('data.dueAt')).toBe('data.due-at')
  expect(kebab('userID2x')).toBe('user-id2x')
  expect(kebab('HTTPServer')).toBe('http-server')
})

test('what looks like it, best first', () => {
  const names = ['list', 'get', 'create', 'create-many', 'on-change']
  expect(similar('lsit', names)).toEqual(['list'])
  expect(similar('creat', names)).toEqual(['create', 'create-many'])
  expect(similar('on-chnage', names)).toEqual(['on-change'])
  expect(similar('zzzzzz', names)).toEqual([])
})
