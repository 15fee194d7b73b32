import { expect, test } from 'vitest'
import { z } from 'zod'
import { query, router } from '../../contract/procedure.ts'
import { registryOf } from '../../contract/registry.ts'
import { byToolName, toolNameOf } from './tool-name.ts'

const procedure = query({
  summary: 'Answers.',
  policy: { access: { who: 'user' }, scope: 'none', limit: 'read' },
  input: z.object({}),
  output: z.object({}),
  run: async () => ({}),
})

test('a path and its tool have one name each', () => {
  expect(toolNameOf('projects.members.setRole')).toBe('projects_members_setRole')
  const registry = registryOf(router({ a: router({ list: procedure }), b: procedure }))
  const named = byToolName(registry, ['search'])
  expect([...named].map(([name, { path }]) => [name, path])).toEqual([
    ['a_list', 'a.list'],
    ['b', 'b'],
  ])
})

test('names that collide or are too long stop the start', () => {
  const collide = registryOf(router({ a: router({ b: procedure }), a_b: procedure }))
  expect(() => byToolName(collide)).toThrow('another tool called a_b')
  expect(() => byToolName(registryOf(router({ search: procedure })), ['search'])).toThrow('another tool')
  const long = registryOf(router({ ['x'.repeat(65)]: procedure }))
  expect(() => byToolName(long)).toThrow('cannot be the name of a tool')
})
