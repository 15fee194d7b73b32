import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { handleJob, type JobHandler } from '../../../contract/job.ts'
import type { Database } from '../../../platform/database/index.ts'
import { actingFor } from '../acting-for.ts'
import { KNOWLEDGE_GONE_TOPIC } from '../gone-topic.ts'
import { type ChunkEmbedder, EMBED_BATCH, type TargetSpace } from '../ingest/embed-chunks.ts'
import { lockBase, retireSpace } from '../ingest/spaces.repository.ts'
import { whyBaseRefused } from '../knowledge-access.ts'
import * as repository from './reembed.repository.ts'
import { reembedBase } from './reembed-base.ts'

/** What the job needs. */
export interface ReembedDeps {
  readonly database: Database
  readonly embedder: ChunkEmbedder
}

/** Documents may come as fast as they are embedded; after so many rounds the job waits for its next attempt. */
const MOST_ROUNDS = 50

/**
 * Embeds everything that is found into the new space, then what came meanwhile, until nothing is left at the moment of the
 * switch. Until then the old space is searched; stopped anywhere, it stays. Run again, it writes the same once more.
 */
export function createReembedBase({ database, embedder }: ReembedDeps): JobHandler {
  return handleJob(reembedBase, async ({ payload, actor, signal, progress, unit }) => {
    const { knowledgeBaseId, spaceId, bypass } = payload
    const owner = actingFor(actor, bypass)
    const space = await targetOf(database, spaceId, knowledgeBaseId)
    await embedder.prepare(space, signal)
    const done = new Set<string>()
    let chunks = 0
    for (let round = 1; round <= MOST_ROUNDS; round += 1) {
      const left = await repository.versionsLeft(database.prisma, knowledgeBaseId, done)
      const total = chunks + left.reduce((sum, version) => sum + version.chunks, 0)
      for (const { id } of left) {
        chunks += await embedVersion(space, id, owner, signal, (current) => {
          void progress(Math.min(chunks + current, total), total).catch(() => undefined)
        })
        done.add(id)
      }
      try {
        return await unit.commit(async (change) => {
          const refused = await whyBaseRefused(change.db, owner, knowledgeBaseId, 'editor')
          if (refused !== undefined) throw refused
          // No document becomes ready from here to the commit: each holds the base against this.
          const { spaceId: former } = await lockBase(change.db, knowledgeBaseId, 'UPDATE')
          const missing = await repository.versionsLeft(change.db, knowledgeBaseId, done)
          if (missing.length > 0) throw new MoreCame()
          const { count } = await change.db.embeddingSpace.updateMany({
            where: { id: spaceId, retiredAt: null },
            data: { jobId: null },
          })
          if (count === 0) throw gone()
          await change.db.knowledgeBase.update({ where: { id: knowledgeBaseId }, data: { spaceId } })
          if (former !== null) await retireSpace(change.db, former)
          const { modelId } = space
          change.audit({
            targetType: 'knowledgeBase',
            targetId: knowledgeBaseId,
            changes: { modelId, chunks },
          })
          change.wake(KNOWLEDGE_GONE_TOPIC, '')
          return { documents: done.size, chunks, modelId }
        })
      } catch (error) {
        if (!(error instanceof MoreCame)) throw error
      }
    }
    throw fail('SERVICE_UNAVAILABLE', { message: 'Documents come faster than they are embedded.' })
  })

  /** Returns how many chunks there were. */
  async function embedVersion(
    space: TargetSpace,
    versionId: string,
    owner: Actor,
    signal: AbortSignal,
    show: (current: number) => void,
  ): Promise<number> {
    for (let position = 0; ; position += EMBED_BATCH) {
      signal.throwIfAborted()
      const chunks = await repository.chunksFrom(database, versionId, position, EMBED_BATCH)
      if (chunks.length > 0) await embedder.embed(owner, space, chunks, signal)
      show(position + chunks.length)
      if (chunks.length < EMBED_BATCH) return position + chunks.length
    }
  }
}

/** Documents became ready between the last look and the switch. */
class MoreCame extends Error {
  override readonly name = 'MoreCame'
}

function gone() {
  return fail('CONFLICT', { message: 'It was given up meanwhile, or the knowledge base was deleted.' })
}

/** @throws CONFLICT */
async function targetOf(
  { prisma }: Pick<Database, 'prisma'>,
  id: string,
  knowledgeBaseId: string,
): Promise<TargetSpace> {
  const space = await prisma.embeddingSpace.findFirst({
    where: { id, knowledgeBaseId, retiredAt: null },
    select: { id: true, modelId: true, dimension: true },
  })
  if (space === null) throw gone()
  return { ...space, knowledgeBaseId }
}
