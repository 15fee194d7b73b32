import { expect, test } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

test.each([
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['parts of a second', { 'retry-after': '0.5' }, 500],
  ['a moment', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
  ['a moment that is over', { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, undefined],
  ['milliseconds, which are finer', { 'retry-after': '1', 'retry-after-ms': '250' }, 250],
  ['a year', { 'retry-after': '31536000' }, 3_600_000],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
  ['nothing', {}, undefined],
])('%s', (_what, headers, expected) => {
  expect(retryAfterMs(headers, NOW)).toBe(expected)
})
