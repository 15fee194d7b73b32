import { isoOf, type Moment } from '../../../platform/pagination/moments.ts'
import type { KnowledgeBase } from './bases.schema.ts'

/** A knowledge base's columns, as repositories read them. */
export interface BaseRow {
  readonly id: string
  readonly name: string
  readonly projectId: string | null
  readonly ownerId: string
  readonly documents: number
  readonly modelId: string | null
  readonly dimension: number | null
  readonly store: string | null
  readonly createdAt: Moment
  readonly updatedAt: Moment
}

/** A knowledge base as it leaves. */
export function presentBase(row: BaseRow): KnowledgeBase {
  const { modelId, dimension, store } = row
  return {
    id: row.id,
    name: row.name,
    projectId: row.projectId,
    ownerId: row.ownerId,
    documents: row.documents,
    embedding:
      modelId === null || dimension === null || store === null ? null : { modelId, dimension, store },
    createdAt: isoOf(row.createdAt),
    updatedAt: isoOf(row.updatedAt),
  }
}
