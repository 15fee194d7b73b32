import type { Actor } from '../../../contract/actor.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import { newId } from '../../../platform/ids.ts'
import type { VectorStore } from '../../../platform/vectors/index.ts'
import type { ModelCalls } from '../../models/index.ts'
import { lockBase } from '../ingest/spaces.repository.ts'
import { whyBaseRefused } from '../knowledge-access.ts'
import { underWay } from './reembed.repository.ts'
import { reembedBase } from './reembed-base.ts'

type Started = { jobId: string }

/** Has vectors made anew. */
export interface ReembedService {
  /** @throws NOT_FOUND, FORBIDDEN, MODEL_NOT_AVAILABLE */
  start(call: {
    readonly actor: Actor
    readonly input: { readonly knowledgeBaseId: string }
    readonly unit: UnitOfWork<Started>
  }): Promise<Started>
}

/** What the service is made of. */
export interface ReembedServiceDeps {
  readonly models: Pick<ModelCalls, 'embeddingModel'>
  readonly vectors: Pick<VectorStore, 'kind'>
}

/** Builds the {@link ReembedService}. */
export function createReembedService({ models, vectors }: ReembedServiceDeps): ReembedService {
  return {
    async start({ actor, input: { knowledgeBaseId }, unit }) {
      const { id: modelId, dimension } = await models.embeddingModel()
      return await unit.commit(async (change) => {
        const { db } = change
        const refused = await whyBaseRefused(db, actor, knowledgeBaseId, 'editor')
        if (refused !== undefined) throw refused
        // Of two calls at once the second waits here, and then finds the job of the first.
        await lockBase(db, knowledgeBaseId, 'UPDATE')
        const known = await underWay(db, knowledgeBaseId)
        if (known !== null) return { jobId: known }
        const spaceId = newId()
        const jobId = change.enqueue(reembedBase, { spaceId, knowledgeBaseId, bypass: actor.bypass })
        const space = { id: spaceId, knowledgeBaseId, modelId, dimension, store: vectors.kind, jobId }
        await db.embeddingSpace.create({ data: space, select: { id: true } })
        change.audit({ targetType: 'knowledgeBase', targetId: knowledgeBaseId, changes: { modelId, jobId } })
        return { jobId }
      })
    },
  }
}
