import { expect, test } from 'vitest'
import { colours } from './colours.ts'
import { painted } from './sanitise.ts'

test('painted text keeps its colours and lines, and nothing else that acts', () => {
  const { red, bold } = colours(true)
  const own = `${red('error')} ${bold('A')}\n  b`
  expect(painted(own)).toBe(own)
  expect(painted(`${red('a\u001b[2J')}\u009b31m\u0007\u202e\tb`)).toBe(`${red('a�[2J')}�31m��  b`)
})
