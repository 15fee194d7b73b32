import { expect, it } from 'vitest'
import { newIds } from './ids.ts'

it('makes UUIDs of version 7 that ascend, within a call and from one millisecond to the next', () => {
  const now = new Date('2026-11-21T10:00:00.123Z')
  const ids = [...newIds(1_000, now), ...newIds(1_000, new Date(now.getTime() + 1))]
  expect(new Set(ids).size).toBe(2_000)
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(Number.parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16)).toBe(now.getTime())
})
