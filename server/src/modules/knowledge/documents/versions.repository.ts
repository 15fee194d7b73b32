import type { Actor } from '../../../contract/actor.ts'
import type { Tx } from '../../../platform/database/index.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import { mayUseBase } from '../knowledge-access.ts'

/** A version to be taken in. */
export interface NewVersion {
  readonly id: string
  readonly knowledgeBaseId: string
  readonly jobId: string
  readonly fileId: string
  readonly type: string
  readonly bytes: number
  readonly sha256: string
  readonly now: Date
}

/** The document of this name, made unless it is there. Locked until commit, so that its versions are counted in turn. */
export async function holdDocument(
  tx: Tx,
  document: {
    readonly id: string
    readonly knowledgeBaseId: string
    readonly name: string
    readonly createdById: string
    readonly now: Date
  },
): Promise<string> {
  const { id, knowledgeBaseId, name, createdById, now } = document
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO documents AS d (id, knowledge_base_id, name, created_by_id, created_at, updated_at)
    VALUES (${id}::uuid, ${knowledgeBaseId}::uuid, ${name}, ${createdById}::uuid, ${now}, ${now})
    ON CONFLICT (knowledge_base_id, name) DO UPDATE SET updated_at = excluded.updated_at
    RETURNING d.id`
  if (row === undefined) throw new Error('A document was written and did not come back')
  return row.id
}

/** Adds a version with the next number to a document that is held; returns the number. */
export async function insertVersion(tx: Tx, documentId: string, version: NewVersion): Promise<number> {
  const { now, bytes, ...data } = version
  const { _max: last } = await tx.documentVersion.aggregate({ where: { documentId }, _max: { number: true } })
  const number = (last.number ?? 0) + 1
  await tx.documentVersion.create({
    data: { ...data, documentId, number, bytes: BigInt(bytes), state: 'processing', createdAt: now },
    select: { id: true },
  })
  return number
}

/** A version that failed. */
export interface FailedVersion {
  readonly id: string
  readonly knowledgeBaseId: string
  readonly fileId: string | null
  readonly type: string
  readonly bytes: bigint
  readonly sha256: string
}

/** A document that `actor` may change, locked until commit; null when there is none. */
export async function holdOwnDocument(
  tx: Tx,
  actor: Actor,
  id: string,
): Promise<{ readonly knowledgeBaseId: string } | null> {
  const values = sqlValues()
  const where = `d.id = ${values.bind(id, 'uuid')} AND ${mayUseBase(values, actor, 'editor')}`
  const { text, values: bound } = values.statement(
    `SELECT d.knowledge_base_id AS "knowledgeBaseId" FROM documents d
     JOIN knowledge_bases k ON k.id = d.knowledge_base_id WHERE ${where} FOR UPDATE OF d`,
  )
  const rows = await tx.$queryRawUnsafe<{ knowledgeBaseId: string }[]>(text, ...bound)
  return rows[0] ?? null
}

/** The base of a document, whoever may see it; null when there is none. For saying why something was refused. */
export async function baseOf(tx: Tx, id: string): Promise<string | null> {
  const row = await tx.document.findUnique({ where: { id }, select: { knowledgeBaseId: true } })
  return row?.knowledgeBaseId ?? null
}

/**
 * Takes the newest version of a document away if it failed, and answers with what it was; its file stays for the version
 * that comes after it. Null when it did not fail.
 */
export async function takeFailed(tx: Tx, documentId: string): Promise<FailedVersion | null> {
  const rows = await tx.$queryRaw<(FailedVersion & { failed: boolean })[]>`
    SELECT v.id, v.knowledge_base_id AS "knowledgeBaseId", v.type, v.bytes, v.sha256,
      (SELECT f.id FROM files f WHERE f.id = v.file_id AND f.state = 'stored') AS "fileId",
      v.state = 'failed' OR (v.state = 'processing'
        AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = v.job_id AND j.state IN ('queued', 'running'))) AS failed
    FROM document_versions v WHERE v.document_id = ${documentId}::uuid ORDER BY v.number DESC LIMIT 1`
  const [version] = rows
  return version?.failed === true ? version : null
}

/** Removes a version, but not its file. */
export async function removeVersion(tx: Tx, id: string): Promise<void> {
  await tx.documentVersion.update({ where: { id }, data: { fileId: null }, select: { id: true } })
  await tx.documentVersion.delete({ where: { id }, select: { id: true } })
}
