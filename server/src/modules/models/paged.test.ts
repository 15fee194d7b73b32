import { expect, test } from 'vitest'
import { pageOfMemory } from './paged.ts'

const page = (items: readonly string[], cursor?: string) =>
  pageOfMemory(
    { limit: 2, cursor },
    {
      scope: { list: 'letters', filters: {} },
      items,
      nameOf: (item) => item,
      present: (item) => item,
    },
  )

test('a list goes on where it was, also when the last item that was shown is gone', () => {
  const { data, pagination } = page(['a', 'b', 'c', 'd', 'e'])
  expect(data).toEqual(['a', 'b'])
  const cursor = pagination.nextCursor ?? ''
  expect(page(['a', 'b', 'c', 'd', 'e'], cursor).data).toEqual(['c', 'd'])
  expect(page(['0', 'a', 'b', 'c', 'd'], cursor).data).toEqual(['c', 'd'])
  expect(page(['a', 'c', 'd', 'e'], cursor).data).toEqual(['c', 'd'])
  expect(page(['a'], cursor).data).toEqual([])
})
