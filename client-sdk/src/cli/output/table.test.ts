import stringWidth from 'fast-string-width'
import { expect, test } from 'vitest'
import { colours } from './colours.ts'
import { manyLines, oneLine, safeJson } from './sanitise.ts'
import { renderPairs, renderTable } from './table.ts'

const PLAIN = colours(false)
const COLUMNS = [
  { title: 'id', isWhole: true, isNumber: false },
  { title: 'title', isWhole: false, isNumber: false },
  { title: 'n', isWhole: false, isNumber: true },
]

test('columns line up whatever the characters, numbers at the right', () => {
  const rows = [
    ['a1', '漢字', '5'],
    ['a2', 'plain', '12'],
    ['a3', '👩‍👩‍👧!', '7'],
  ]
  expect(`\n${renderTable(COLUMNS, rows, 80, PLAIN)}\n`).toMatchInlineSnapshot(`
    "
    id  title   n
    a1  漢字    5
    a2  plain  12
    a3  👩‍👩‍👧!     7
    "
  `)
})

test('the widest gives way; what has to be copied does not; lines fit', () => {
  const rows = [['0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1', 'x'.repeat(100), '1']]
  const lines = renderTable(COLUMNS, rows, 60, PLAIN).split('\n')
  expect(lines[1]).toContain('0199f3a0-5b7e-7cc3-9a1e-2f64c1f0a7d1')
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(60)
  expect(renderTable(COLUMNS, rows, Number.POSITIVE_INFINITY, PLAIN)).toContain('x'.repeat(100))
})

test('nothing that a terminal would act on', () => {
  const evil = 'a\u001b]0;title\u0007\u009b2J\u202eb\r\nc\td'
  expect(oneLine(evil)).toBe('a�]0;title��2J�b⏎c d')
  expect(manyLines(evil)).toBe('a�]0;title��2J�b\nc  d')
  const json = safeJson(JSON.stringify({ evil }, null, 2))
  expect(JSON.parse(json)).toEqual({ evil })
  expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(renderPairs([['k', evil]], 80, PLAIN)).toBe('k  a�]0;title��2J�b⏎c d')
})
