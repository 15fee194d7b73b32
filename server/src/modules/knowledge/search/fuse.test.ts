import { expect, test } from 'vitest'
import { fuse } from './fuse.ts'

const found = (...ids: string[]) => ids.map((chunkId, index) => ({ chunkId, score: 1 / (index + 1) }))

test('what both searches found comes before what one of them found first', () => {
  const fused = fuse([
    { by: 'text', weight: 1, found: found('a', 'b', 'c') },
    { by: 'vector', weight: 1, found: found('d', 'c', 'b') },
  ])
  expect(fused.map(({ chunkId }) => chunkId)).toEqual(['b', 'c', 'a', 'd'])
  expect(fused[0]).toEqual({
    chunkId: 'b',
    score: 1 / 22 + 1 / 23,
    explain: { textRank: 2, textScore: 1 / 2, vectorRank: 3, vectorScore: 1 / 3 },
  })
})

test('a search of less weight says less', () => {
  const fused = fuse([
    { by: 'text', weight: 1, found: found('a', 'b') },
    { by: 'vector', weight: 0.5, found: found('c') },
  ])
  expect(fused.map(({ chunkId }) => chunkId)).toEqual(['a', 'b', 'c'])
  expect(fused[2]?.explain).toEqual({ vectorRank: 1, vectorScore: 1 })
})

test('nothing found is nothing fused', () => {
  expect(fuse([])).toEqual([])
  expect(fuse([{ by: 'text', weight: 1, found: [] }])).toEqual([])
})
