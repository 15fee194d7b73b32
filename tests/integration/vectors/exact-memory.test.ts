import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createExactDriver } from '../../../server/src/platform/vectors/exact/exact-driver.ts'
import { readSpaces } from '../../../server/src/platform/vectors/exact/exact-rows.ts'
import { createSpaceMemory } from '../../../server/src/platform/vectors/exact/space-memory.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'

/** A signal that counts how often it is asked whether to go on, and says no the `most`th time. */
function asked(most: number) {
  const controller = new AbortController()
  const { signal } = controller
  let times = 0
  signal.throwIfAborted = () => {
    times += 1
    if (times === most) controller.abort(new Error('went away'))
    if (signal.aborted) throw signal.reason
  }
  return { signal, times: () => times }
}

test('what was read of a space when a search gave up is not read again by the next', async () => {
  const { database, drop } = await createTestDatabase(databaseKind())
  const driver = createExactDriver(database)
  // Read in pages of a hundred.
  const space = { id: randomUUID(), dimension: 10_000 }
  const items = Array.from({ length: 250 }, (_, index) => ({
    chunkId: randomUUID(),
    documentId: randomUUID(),
    knowledgeBaseId: randomUUID(),
    vector: new Float32Array(space.dimension).fill(index + 1, index, index + 2),
  }))
  await driver.upsert(space, items.slice(0, 150), AbortSignal.timeout(30_000))
  await driver.upsert(space, items.slice(150), AbortSignal.timeout(30_000))
  const [state] = await readSpaces(database.pool, [space.id])
  if (state === undefined) throw new Error('The space was written')

  const memory = createSpaceMemory(database.pool, 100_000_000)
  await expect(memory.load(state, asked(3).signal)).rejects.toThrow('went away')
  const next = asked(Number.POSITIVE_INFINITY)
  const loaded = await memory.load(state, next.signal)
  expect(next.times()).toBe(1)
  const ids = loaded.blocks.flatMap(({ rows }, block) =>
    Array.from({ length: rows }, (_, row) => loaded.chunkIdAt(block, row)),
  )
  expect(ids.sort()).toEqual(items.map(({ chunkId }) => chunkId).sort())
  await driver.close()
  await drop()
})
