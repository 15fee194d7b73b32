import type { Actor } from '../../../contract/actor.ts'
import { type Database, query } from '../../../platform/database/index.ts'
import { type SqlValues, sqlValues } from '../../../platform/pagination/sql-values.ts'
import { mayUseBase } from '../knowledge-access.ts'
import type { Hit } from '../retriever.ts'

/** A passage as it is shown, without how well it fits. */
export type Passage = Omit<Hit, 'score' | 'explain'>

/**
 * Chunks `c` of current versions `v` of documents `d` in bases `k` that the actor may read. Whatever was found is read
 * through this: rights and versions are those of this moment, and not of the search before it.
 */
function readableChunks(values: SqlValues, actor: Pick<Actor, 'userId' | 'bypass'>): string {
  return `JOIN document_versions v ON v.id = c.version_id
    JOIN documents d ON d.id = v.document_id AND d.current_version_id = v.id
    JOIN knowledge_bases k ON k.id = d.knowledge_base_id AND ${mayUseBase(values, actor, 'viewer')}`
}

/** Those of `chunkIds`, the best first, that are in these bases and may be read now: `limit` of them. */
export async function loadPassages(
  database: Pick<Database, 'pool'>,
  actor: Pick<Actor, 'userId' | 'bypass'>,
  {
    chunkIds,
    baseIds,
    limit,
  }: { readonly chunkIds: readonly string[]; readonly baseIds: readonly string[]; readonly limit: number },
): Promise<Passage[]> {
  const values = sqlValues()
  const readable = readableChunks(values, actor)
  const rows = await query<Row>(
    database,
    values.statement(`SELECT c.id AS "chunkId", d.id AS "documentId", k.id AS "knowledgeBaseId",
        coalesce(v.title, d.name) AS title, c.headings, c.text, c.page, c.span_start AS "start", c.span_end AS "end"
      FROM unnest(${values.bind(chunkIds, 'uuid[]')}) WITH ORDINALITY AS found (id, place)
      JOIN chunks c ON c.id = found.id ${readable}
      WHERE k.id = ANY (${values.bind(baseIds, 'uuid[]')})
      ORDER BY found.place LIMIT ${values.bind(limit, 'int')}`),
  )
  return rows.map(({ page, start, end, ...row }) => ({
    ...row,
    span: { start, end },
    ...(page === null ? {} : { page }),
  }))
}

/** Those of `chunkIds` that the actor may read now. */
export async function findReadable(
  database: Pick<Database, 'pool'>,
  actor: Pick<Actor, 'userId' | 'bypass'>,
  chunkIds: readonly string[],
): Promise<Set<string>> {
  if (chunkIds.length === 0) return new Set()
  const values = sqlValues()
  const readable = readableChunks(values, actor)
  const rows = await query<{ id: string }>(
    database,
    values.statement(
      `SELECT c.id FROM chunks c ${readable} WHERE c.id = ANY (${values.bind(chunkIds, 'uuid[]')})`,
    ),
  )
  return new Set(rows.map(({ id }) => id))
}

interface Row extends Omit<Passage, 'span' | 'page'> {
  readonly page: number | null
  readonly start: number
  readonly end: number
}
