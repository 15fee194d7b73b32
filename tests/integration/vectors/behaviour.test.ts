import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VectorItem, VectorStore } from '../../../server/src/platform/vectors/index.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'
import { kindsHere, type StoreUnderTest, startStore } from './stores.ts'

const never = new AbortController().signal
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase(databaseKind(), { statementTimeoutMs: 60_000 })
})
afterAll(() => database.drop())

describe.each(kindsHere)('vector store: %s', (kind) => {
  let running: StoreUnderTest
  let store: VectorStore

  beforeAll(async () => {
    running = await startStore(kind, database.database)
    store = running.store
  })
  afterAll(() => running[Symbol.asyncDispose]())

  async function spaceWith(...vectors: readonly (readonly number[])[]) {
    const space = { id: randomUUID(), dimension: vectors[0]?.length ?? 3 }
    await store.createSpace(space, never)
    const items = vectors.map((vector) => itemOf(vector))
    await store.upsert(space, items, never)
    return { space, items, ids: items.map(({ chunkId }) => chunkId) }
  }

  async function find(spaceIds: readonly string[], vector: readonly number[], limit = 10) {
    return await store.search({ spaceIds, vector: Float32Array.from(vector), limit, signal: never })
  }
  const idsOf = (hits: readonly { readonly chunkId: string }[]) => hits.map(({ chunkId }) => chunkId)

  test('is the one that was asked for, and works', async () => {
    expect(store.kind).toBe(kind)
    await store.check(never)
  })

  test('finds the nearest first, with the cosine as score', async () => {
    const { space, ids } = await spaceWith([1, 0, 0], [2, 2, 0], [0, 0, 5], [-1, 0, 0])
    const hits = await find([space.id], [3, 0, 0])
    expect(idsOf(hits).slice(0, 2)).toEqual([ids[0], ids[1]])
    expect(hits.at(-1)?.chunkId).toBe(ids[3])
    for (const [index, score] of [1, Math.SQRT1_2, 0, -1].entries())
      expect(hits[index]?.score).toBeCloseTo(score, 4)
  })

  test('answers no more than asked for, over all spaces together', async () => {
    const [one, two] = [
      await spaceWith([1, 0, 0], [0.9, 0.1, 0], [0, 1, 0]),
      await spaceWith([1, 0.01, 0], [0, 0, 1]),
    ]
    const both = [one.space.id, two.space.id]
    expect(idsOf(await find(both, [1, 0, 0], 3))).toEqual([one.ids[0], two.ids[0], one.ids[1]])
    expect(await find([one.space.id], [1, 0, 0], 100)).toHaveLength(3)
    expect(await find(both, [1, 0, 0], 0)).toEqual([])
    expect(await find([], [1, 0, 0])).toEqual([])
  })

  test('one space shows nothing of another', async () => {
    const [mine, other] = [await spaceWith([1, 0, 0]), await spaceWith([1, 0, 0])]
    expect(idsOf(await find([mine.space.id], [1, 0, 0]))).toEqual(mine.ids)
    expect(other.ids).not.toEqual(mine.ids)
  })

  test('writing again replaces, by chunk', async () => {
    const { space, items, ids } = await spaceWith([1, 0, 0], [0, 1, 0])
    const [first] = items
    if (first === undefined) throw new Error('Two were written')
    await store.upsert(space, [{ ...first, vector: Float32Array.of(0, 0, 1) }], never)
    expect(await store.count(space.id, never)).toBe(2)
    expect(idsOf(await find([space.id], [0, 0, 1], 1))).toEqual([ids[0]])
    expect((await find([space.id], [1, 0, 0], 2)).every(({ score }) => Math.abs(score) < 0.01)).toBe(true)
  })

  test('of one chunk twice in a batch the last stays', async () => {
    const { space, items } = await spaceWith([1, 0, 0])
    const [first] = items
    if (first === undefined) throw new Error('One was written')
    const again = [Float32Array.of(0, 1, 0), Float32Array.of(0, 0, 1)].map((vector) => ({ ...first, vector }))
    await store.upsert(space, again, never)
    expect((await find([space.id], [0, 0, 1]))[0]?.score).toBeCloseTo(1, 4)
    expect(await store.count(space.id, never)).toBe(1)
  })

  test('what was removed is not found, and can be removed again', async () => {
    const { space, ids } = await spaceWith([1, 0, 0], [0, 1, 0], [0, 0, 1])
    // Whoever remembers vectors has to forget them.
    await find([space.id], [1, 0, 0])
    await store.removeChunks(space.id, ids.slice(0, 2), never)
    expect(idsOf(await find([space.id], [1, 0, 0]))).toEqual([ids[2]])
    await store.removeChunks(space.id, [...ids.slice(0, 2), randomUUID()], never)
    await store.removeChunks(space.id, [], never)
    expect(await store.count(space.id, never)).toBe(1)
  })

  test('a dropped space is gone, may be dropped again, and be made anew', async () => {
    const { space } = await spaceWith([1, 0, 0])
    await find([space.id], [1, 0, 0])
    await store.dropSpace(space.id, never)
    await store.dropSpace(space.id, never)
    expect(await find([space.id], [1, 0, 0])).toEqual([])
    expect(await store.count(space.id, never)).toBe(0)
    await store.createSpace(space, never)
    expect(await find([space.id], [1, 0, 0])).toEqual([])
    await store.upsert(space, [itemOf([0, 1, 0])], never)
    expect(await find([space.id], [0, 1, 0])).toHaveLength(1)
  })

  test('a space that is not there finds nothing, has nothing, and is made by writing', async () => {
    const space = { id: randomUUID(), dimension: 3 }
    expect(await find([space.id], [1, 0, 0])).toEqual([])
    expect(await store.count(space.id, never)).toBe(0)
    await store.removeChunks(space.id, [randomUUID()], never)
    await store.upsert(space, [itemOf([1, 0, 0])], never)
    expect(await find([space.id], [1, 0, 0])).toHaveLength(1)
  })

  test('what does not fit is refused whole', async () => {
    const { space } = await spaceWith([1, 0, 0])
    const good = itemOf([0, 1, 0])
    for (const bad of [[1, 2], [1, 2, 3, 4], [1, Number.NaN, 0], [Number.POSITIVE_INFINITY, 0, 0], []]) {
      await expect(store.upsert(space, [good, itemOf(bad)], never)).rejects.toMatchObject({
        name: 'VectorStoreError',
        failure: 'invalid',
      })
    }
    await expect(find([space.id], [Number.NaN, 0, 0])).rejects.toMatchObject({ failure: 'invalid' })
    await expect(find([space.id], [1, 0])).rejects.toMatchObject({ failure: 'invalid' })
    const wrong = { id: space.id, dimension: 2 }
    await expect(store.upsert(wrong, [itemOf([1, 0])], never)).rejects.toMatchObject({ failure: 'invalid' })
    expect(await store.count(space.id, never)).toBe(1)
  })

  test('a vector without a direction is kept nowhere and finds nothing', async () => {
    const { space, items } = await spaceWith([1, 0, 0], [0, 1, 0])
    const [first] = items
    if (first === undefined) throw new Error('Two were written')
    await store.upsert(space, [{ ...first, vector: Float32Array.of(0, 0, 0) }], never)
    expect(await store.count(space.id, never)).toBe(1)
    expect(await find([space.id], [0, 0, 0])).toEqual([])
  })

  test('many who make, write and remove at once', async () => {
    const space = { id: randomUUID(), dimension: 8 }
    const writers = Array.from({ length: 8 }, () => Array.from({ length: 30 }, () => itemOf(random(8))))
    const shared = Array.from({ length: 30 }, () => itemOf(random(8)))
    await Promise.all(
      writers.map(async (items, index) => {
        await store.createSpace(space, never)
        await store.upsert(space, index % 2 === 0 ? [...items, ...shared] : [...shared, ...items], never)
        await store.removeChunks(space.id, idsOf(items).slice(0, 10), never)
        await find([space.id], [...random(8)])
      }),
    )
    expect(await store.count(space.id, never)).toBe(8 * 20 + 30)
    const hits = await find([space.id], [...random(8)], 300)
    expect(new Set(idsOf(hits)).size).toBe(8 * 20 + 30)
  })

  test('a large batch is found in full, and as exact as by hand', async () => {
    const items = Array.from({ length: 1_200 }, () => itemOf(random(16)))
    const space = { id: randomUUID(), dimension: 16 }
    await store.upsert(space, items, never)
    expect(await store.count(space.id, never)).toBe(1_200)
    const query = random(16)
    const nearest = items
      .map(({ chunkId, vector }) => ({ chunkId, score: cosine(vector, query) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 10)
    const found = idsOf(await find([space.id], [...query], 10))
    const common = nearest.filter(({ chunkId }) => found.includes(chunkId))
    expect(common.length).toBeGreaterThanOrEqual(9)
  })

  // The others index from the first vector on, or never.
  if (kind === 'pgvector') {
    test('a space that has grown is searched by its index, and still finds the nearest', async () => {
      const items = Array.from({ length: 1_600 }, () => itemOf(random(1_000)))
      const space = { id: randomUUID(), dimension: 1_000 }
      await store.upsert(space, items, never)
      expect(await hasGraph(space.id)).toBe(true)
      const [wanted] = items
      if (wanted === undefined) throw new Error('There are many')
      expect(idsOf(await find([space.id], [...wanted.vector], 1))).toEqual([wanted.chunkId])
      await store.removeChunks(space.id, [wanted.chunkId], never)
      const rest = idsOf(await find([space.id], [...wanted.vector], 100))
      expect(rest).toHaveLength(100)
      expect(rest).not.toContain(wanted.chunkId)
    })
  }

  async function hasGraph(spaceId: string): Promise<boolean> {
    const { rows } = await database.database.pool.query(
      `SELECT FROM pg_indexes WHERE schemaname = 'vectors' AND indexdef LIKE '%hnsw%' AND tablename = $1`,
      [`space_${spaceId.replaceAll('-', '')}`],
    )
    return rows.length === 1
  }

  test('long vectors, as large models make them', async () => {
    const [one, two] = [random(3_072), random(3_072)]
    const { space, ids } = await spaceWith([...one], [...two])
    expect(idsOf(await find([space.id], [...two]))).toEqual([ids[1], ids[0]])
  })

  test('whoever gives up is not kept waiting', async () => {
    const { space } = await spaceWith([1, 0, 0])
    const gone = AbortSignal.abort(new Error('went away'))
    const query = { spaceIds: [space.id], vector: Float32Array.of(1, 0, 0), limit: 1, signal: gone }
    await expect(store.search(query)).rejects.toThrow('went away')
    await expect(store.upsert(space, [itemOf([1, 0, 0])], gone)).rejects.toThrow('went away')
    expect(await store.count(space.id, never)).toBe(1)
  })
})

function itemOf(vector: ArrayLike<number>): VectorItem {
  return {
    chunkId: randomUUID(),
    documentId: randomUUID(),
    knowledgeBaseId: randomUUID(),
    vector: Float32Array.from(vector),
  }
}

function random(dimension: number): Float32Array {
  return Float32Array.from({ length: dimension }, () => Math.random() - 0.5)
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, aa, bb] = [0, 0, 0]
  a.forEach((number, index) => {
    const other = b[index] ?? 0
    product += number * other
    aa += number * number
    bb += other * other
  })
  return product / Math.sqrt(aa * bb)
}
