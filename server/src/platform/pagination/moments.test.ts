import { expect, it } from 'vitest'
import { isoFromPostgres, isoOf } from './moments.ts'

it.each([
  ['2026-11-21 10:00:00+00', '2026-11-21T10:00:00.000Z'],
  ['2026-11-21 10:00:00.1+00', '2026-11-21T10:00:00.100Z'],
  ['2026-11-21 10:00:00.12+00', '2026-11-21T10:00:00.120Z'],
  ['2026-11-21 10:00:00.123+00', '2026-11-21T10:00:00.123Z'],
  ['2026-11-21 10:00:00.123456+00', '2026-11-21T10:00:00.123Z'],
  ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
  ['2026-11-21 15:30:00.5+05:30', '2026-11-21T10:00:00.500Z'],
  ['2026-11-21 02:00:00-08', '2026-11-21T10:00:00.000Z'],
  ['0001-01-01 00:53:28+00:53:28', '0001-01-01T00:00:00.000Z'],
])('reads %s as %s', (text, iso) => {
  expect(isoFromPostgres(text)).toBe(iso)
  expect(isoOf(new Date(iso))).toBe(iso)
  expect(isoOf(iso)).toBe(iso)
})

it('reads nothing but moments', () => {
  for (const text of ['infinity', '']) expect(() => isoFromPostgres(text)).toThrow('Not a moment')
})
