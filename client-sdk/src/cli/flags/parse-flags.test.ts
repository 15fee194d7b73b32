import { expect, test } from 'vitest'
import type { FlagSpec } from './flag-spec.ts'
import { parseFlags } from './parse-flags.ts'

const SPECS: readonly FlagSpec[] = [
  { name: 'project-id', value: 'text', description: '' },
  { name: 'data.due-at', value: 'text', description: '' },
  { name: 'scopes', value: 'text', isList: true, description: '' },
  { name: 'unread', description: '' },
  { name: 'no-unread', description: '' },
  { name: 'output', short: 'o', value: 'how', description: '' },
  { name: 'quiet', short: 'q', description: '' },
]

test.each([
  [['--project-id', 'a'], 'project-id', ['a']],
  [['--projectId=a=b'], 'project-id', ['a=b']],
  [['--data.dueAt', '-1'], 'data.due-at', ['-1']],
  [['--project-id=--quiet'], 'project-id', ['--quiet']],
  [['--project-id', '--dataDueAtIsNoFlag'], 'project-id', ['--dataDueAtIsNoFlag']],
  [['--project-id='], 'project-id', ['']],
  [['--scopes', 'a', '--scopes=b'], 'scopes', ['a', 'b']],
  [['-o', 'json'], 'output', ['json']],
  [['-qo', 'json'], 'output', ['json']],
  [['--unread=false'], 'unread', ['false']],
])('%j', (args, name, values) => {
  expect(parseFlags(args, SPECS).values(name)).toEqual(values)
})

test('flags without a value are on or off; what stands after -- stands alone', () => {
  const flags = parseFlags(['a', '--no-unread', '--quiet=false', '--', '--output', 'b'], SPECS)
  expect([flags.has('no-unread'), flags.has('unread'), flags.has('quiet')]).toEqual([true, false, false])
  expect(flags.positionals).toEqual(['a', '--output', 'b'])
})

test.each([
  [['--project-id'], '--project-id needs a value: --project-id <text>.'],
  [['--project-id', '--quiet'], '--project-id needs a value: --project-id <text>.'],
  [['--output', 'a', '-o', 'b'], '--output is given twice.'],
  [['--quiet=loud'], '--quiet takes no value.'],
  [['--projekt-id', 'a'], 'There is no flag --projekt-id here.'],
  [['--__proto__', 'a'], 'There is no flag --__proto__ here.'],
  [['-x'], 'There is no flag -x here.'],
])('refuses %j', (args, message) => {
  expect(() => parseFlags(args, SPECS)).toThrow(message)
})
