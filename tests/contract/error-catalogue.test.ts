import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCodes, errorReasons } from '../../server/src/contract/errors.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

test('docs/errors.md lists every code as the catalogue has it, and no other', () => {
  const expected = Object.entries(errorCodes).map(
    ([code, { status, retryable, message }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${message} |`,
  )
  expect(rowsUnder('## Codes')).toEqual(expected)
})

test('docs/errors.md lists every reason as the catalogue has it, and no other', () => {
  const expected = Object.entries(errorReasons).map(
    ([reason, { code, message }]) => `| \`${reason}\` | \`${code}\` | ${message} |`,
  )
  expect(rowsUnder('## Reasons')).toEqual(expected)
})

function rowsUnder(heading: string): string[] {
  const section = page.slice(page.indexOf(heading)).split('\n## ', 2)[0] ?? ''
  return section.split('\n').filter((line) => line.startsWith('| `'))
}
