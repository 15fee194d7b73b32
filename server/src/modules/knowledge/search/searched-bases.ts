import type { Actor } from '../../../contract/actor.ts'
import { type Database, query } from '../../../platform/database/index.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import { mayUseBase } from '../knowledge-access.ts'

/** Knowledge bases that one search goes through; of more, the newest. */
const MOST_BASES = 500

/** A knowledge base that is to be searched, and where its vectors are. */
export interface SearchedBase {
  readonly id: string
  /** Null until the first document is in. */
  readonly space: EmbeddedIn | null
}

/** The space that is searched. */
export interface EmbeddedIn {
  readonly id: string
  readonly modelId: string
  readonly store: string
}

/**
 * The knowledge bases that `actor` may read, of those named or of all. Whoever steps over membership does so for those
 * they name.
 */
export async function findSearchedBases(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  named: readonly string[] | undefined,
): Promise<SearchedBase[]> {
  const values = sqlValues()
  const { bypass, ...member } = actor
  const readable = mayUseBase(values, named === undefined ? member : actor, 'viewer')
  const among = named === undefined ? '' : `AND k.id = ANY (${values.bind(named, 'uuid[]')})`
  const rows = await query<{ id: string; spaceId: string | null; modelId: string; store: string }>(
    database,
    values.statement(`SELECT k.id, s.id AS "spaceId", s.model_id AS "modelId", s.store
      FROM knowledge_bases k LEFT JOIN embedding_spaces s ON s.id = k.space_id
      WHERE ${readable} ${among} ORDER BY k.created_at DESC LIMIT ${MOST_BASES}`),
  )
  return rows.map(({ id, spaceId, modelId, store }) => ({
    id,
    space: spaceId === null ? null : { id: spaceId, modelId, store },
  }))
}
