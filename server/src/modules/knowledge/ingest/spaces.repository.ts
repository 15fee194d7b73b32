import { fail } from '../../../contract/errors.ts'
import { type Database, type Tx, transaction } from '../../../platform/database/index.ts'
import type { TargetSpace } from './embed-chunks.ts'

/** What a new space is for. */
export interface NewSpace {
  readonly modelId: string
  readonly dimension: number
  readonly store: string
}

/**
 * The space in which a knowledge base is searched; made by the first document.
 * @throws NOT_FOUND when the base is gone, UNPROCESSABLE_CONTENT when its vectors are in a store this server does not use
 */
export async function openSpace(
  database: Pick<Database, 'prisma' | 'pool'>,
  knowledgeBaseId: string,
  wanted: () => Promise<NewSpace>,
  store: string,
): Promise<TargetSpace> {
  const base = await database.prisma.knowledgeBase.findFirst({
    where: { id: knowledgeBaseId, deletedAt: null },
    select: { space: true },
  })
  if (base === null) throw fail('NOT_FOUND')
  const space = base.space ?? (await makeFirst(database, knowledgeBaseId, await wanted()))
  if (space.store !== store) {
    const message = `Its vectors are in ${space.store}, and this server keeps them in ${store}: have the knowledge base re-embedded.`
    throw fail('UNPROCESSABLE_CONTENT', { message })
  }
  return { id: space.id, dimension: space.dimension, modelId: space.modelId, knowledgeBaseId }
}

async function makeFirst(
  database: Pick<Database, 'prisma' | 'pool'>,
  knowledgeBaseId: string,
  space: NewSpace,
) {
  return await transaction(database, async (tx) => {
    const { spaceId } = await lockBase(tx, knowledgeBaseId, 'UPDATE')
    if (spaceId !== null) return await tx.embeddingSpace.findUniqueOrThrow({ where: { id: spaceId } })
    const made = await tx.embeddingSpace.create({ data: { ...space, knowledgeBaseId } })
    await tx.knowledgeBase.update({ where: { id: knowledgeBaseId }, data: { spaceId: made.id } })
    return made
  })
}

/**
 * Locks a knowledge base until commit and says which space is searched. `SHARE` keeps that from being changed, `UPDATE`
 * keeps others from relying on it.
 * @throws NOT_FOUND
 */
export async function lockBase(
  tx: Tx,
  id: string,
  lock: 'SHARE' | 'UPDATE',
): Promise<{ readonly spaceId: string | null }> {
  const rows = await tx.$queryRawUnsafe<{ spaceId: string | null }[]>(
    `SELECT space_id AS "spaceId" FROM knowledge_bases WHERE id = $1::uuid AND deleted_at IS NULL FOR ${lock}`,
    id,
  )
  const [base] = rows
  if (base === undefined) throw fail('NOT_FOUND')
  return base
}

/** Has the cleaner take a space away that nothing looks at any more. */
export async function retireSpace(tx: Tx, id: string): Promise<void> {
  await tx.$executeRaw`UPDATE embedding_spaces SET retired_at = now() WHERE id = ${id}::uuid`
}
