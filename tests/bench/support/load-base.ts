import { type Database, openDatabase } from '../../../server/src/platform/database/index.ts'
import { createExactDriver } from '../../../server/src/platform/vectors/exact/exact-driver.ts'
import { nearestRows } from '../../../server/src/platform/vectors/exact/nearest-rows.ts'
import type { VectorStoreKind } from '../../../server/src/platform/vectors/index.ts'
import { createPgvectorDriver } from '../../../server/src/platform/vectors/pgvector/pgvector-driver.ts'
import { type BenchPassage, insertPassages, makePassages } from './passages.ts'

/** A base that was filled. */
export interface LoadedBase {
  readonly spaceId: string
  /** The ids of the nearest, by comparing with all. */
  nearest(vector: Float32Array, count: number): string[]
}

const BATCH = 500
const PATIENT = { dataDirectory: '', poolSize: 1, poolWaitMs: 60_000, statementTimeoutMs: 3_600_000 }

/**
 * Fills a base. The rows go in without the graph, which is then made at once by the store itself: row by row it would
 * take the embedded database minutes, which is a matter of taking documents in and not of searching.
 */
export async function loadBase(
  server: Database,
  baseId: string,
  kind: VectorStoreKind,
  size: number,
): Promise<LoadedBase> {
  const signal = new AbortController().signal
  // Making the graph of so many at once takes longer than a server lets a statement take.
  const patient = await openDatabase({ ...PATIENT, url: server.connectionString })
  if (kind === 'pgvector') await patient.pool.query(`SET maintenance_work_mem = '1GB'`)
  const driver =
    kind === 'pgvector' ? createPgvectorDriver(patient, { warn: failing }) : createExactDriver(patient)
  const all: BenchPassage[] = []
  let space: { readonly id: string; readonly dimension: number } | undefined
  for await (const passages of makePassages(size, BATCH)) {
    all.push(...passages)
    space ??= await addSpace(server, baseId, kind, passages[0]?.vector.length ?? 1)
    await insertPassages(patient.pool, baseId, passages)
    const items = passages.map((passage) => ({ ...passage, documentId: baseId, knowledgeBaseId: baseId }))
    if (kind === 'exact') await driver.upsert(space, items, signal)
    else await insertVectors(patient, driver.createSpace(space, signal), space.id, passages)
  }
  const [first] = all
  if (space === undefined || first === undefined) throw new Error('A base needs passages')
  // The store looks after the graph when something is written.
  await driver.upsert(space, [{ ...first, documentId: baseId, knowledgeBaseId: baseId }], signal)
  await patient.pool.query('ANALYZE')
  await driver.close()
  await patient.close()
  return { spaceId: space.id, nearest: exactly(all) }
}

async function addSpace({ prisma }: Database, baseId: string, store: string, dimension: number) {
  const data = { knowledgeBaseId: baseId, modelId: 'demo:local', dimension, store }
  const space = await prisma.embeddingSpace.create({ data, select: { id: true, dimension: true } })
  await prisma.knowledgeBase.update({ where: { id: baseId }, data: { spaceId: space.id } })
  return space
}

async function insertVectors(
  { pool }: Database,
  made: Promise<void>,
  spaceId: string,
  passages: readonly BenchPassage[],
): Promise<void> {
  await made
  await pool.query(
    `INSERT INTO vectors.space_${spaceId.replaceAll('-', '')} (chunk_id, embedding)
     SELECT id, embedding::vector FROM unnest($1::uuid[], $2::text[]) AS given (id, embedding)`,
    [passages.map(({ chunkId }) => chunkId), passages.map(({ vector }) => `[${vector.join(',')}]`)],
  )
}

function exactly(all: readonly BenchPassage[]): LoadedBase['nearest'] {
  const dimension = all[0]?.vector.length ?? 1
  const numbers = new Float32Array(new SharedArrayBuffer(all.length * dimension * 4))
  for (const [index, { vector }] of all.entries()) numbers.set(vector, index * dimension)
  return (vector, count) =>
    nearestRows({ blocks: [{ numbers, rows: all.length }], vector, limit: count }).flatMap(({ row }) => {
      const chunkId = all[row]?.chunkId
      return chunkId === undefined ? [] : [chunkId]
    })
}

function failing(message: string): never {
  throw new Error(message)
}
