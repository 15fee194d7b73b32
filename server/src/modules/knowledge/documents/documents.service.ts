import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause } from '../../../contract/errors.ts'
import { sliceOf } from '../../../contract/page-request.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { UploadedFile } from '../../../contract/upload.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database, Tx } from '../../../platform/database/index.ts'
import { newId } from '../../../platform/ids.ts'
import { type CursorScope, encodeCursor } from '../../../platform/pagination/cursor.ts'
import { isoOf } from '../../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../../platform/pagination/page.ts'
import { FILES_GONE_TOPIC, type FilesService } from '../../files/index.ts'
import { auditBypassedRead } from '../../projects/index.ts'
import { DOCX, isDocumentType, mostBytes } from '../extraction/document-types.ts'
import { KNOWLEDGE_GONE_TOPIC } from '../gone-topic.ts'
import { ingestDocument } from '../ingest/ingest-document.ts'
import { whyBaseRefused } from '../knowledge-access.ts'
import { presentChunk, presentDocument } from './documents.presenter.ts'
import * as repository from './documents.repository.ts'
import type * as schema from './documents.schema.ts'
import * as versions from './versions.repository.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = z.output<typeof schema.DocumentsGetInput>
type UploadFields = z.output<typeof schema.DocumentsUploadInput>

/** The documents of knowledge bases. Who may read a base reads them, who may change it uploads and deletes. */
export interface DocumentsService {
  /** Refuses before the file is read. @throws NOT_FOUND, FORBIDDEN */
  admit(call: Call<UploadFields>): Promise<void>
  /** @throws NOT_FOUND, FORBIDDEN, FILE_TYPE_REFUSED, PAYLOAD_TOO_LARGE */
  upload(call: Write<UploadFields, schema.Started> & { readonly file: UploadedFile }): Promise<schema.Started>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<schema.Document>
  /** Newest first. @throws NOT_FOUND (the base), BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof schema.DocumentsListInput>>): Promise<Page<schema.Document>>
  /** In reading order, of the version that is found. @throws NOT_FOUND, BAD_REQUEST (`cursor`, `page`) */
  chunks(call: Call<z.output<typeof schema.DocumentsChunksInput>>): Promise<Page<schema.DocumentChunk>>
  /** Not found any more from then on; its file and vectors follow. @throws NOT_FOUND, FORBIDDEN */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
  /** Takes a version in again that failed. @throws NOT_FOUND, FORBIDDEN, CONFLICT */
  retry(call: Write<ById, schema.Started>): Promise<schema.Started>
}

/** What the service is made of. */
export interface DocumentsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly claimFile: FilesService['claim']
}

/** Builds the {@link DocumentsService}. */
export function createDocumentsService(deps: DocumentsServiceDeps): DocumentsService {
  const { database, clock, claimFile } = deps

  return {
    async admit({ actor, input }) {
      const refused = await whyBaseRefused(database.prisma, actor, input.knowledgeBaseId, 'editor')
      if (refused !== undefined) throw refused
    },

    upload: ({ actor, input: { knowledgeBaseId }, file, unit }) => {
      const type = typeOfDocument(file)
      return unit.commit(async (change) => {
        const { db } = change
        const base = await repository.holdBase(db, actor, knowledgeBaseId, 'editor')
        if (base === null)
          throw (await whyBaseRefused(db, actor, knowledgeBaseId, 'editor')) ?? fail('NOT_FOUND')
        const { projectId } = base
        const place = { ownerId: actor.userId, projectId: projectId ?? undefined, purpose: 'document' }
        const { id: fileId, name, bytes, sha256 } = await claimFile(change, file, place)
        const now = clock.now()
        const named = { id: newId(), knowledgeBaseId, name, createdById: actor.userId, now }
        const documentId = await versions.holdDocument(db, named)
        const versionId = newId()
        const jobId = change.enqueue(ingestDocument, { versionId, bypass: actor.bypass })
        const version = { id: versionId, knowledgeBaseId, jobId, fileId, type, bytes, sha256, now }
        const number = await versions.insertVersion(db, documentId, version)
        const changes = { knowledgeBaseId, name, type, bytes, sha256, version: number, jobId }
        change.audit({ targetType: 'document', targetId: documentId, changes })
        return { document: presentDocument(await repository.readQueued(db, documentId)), jobId }
      })
    },

    async get({ actor, input: { id } }) {
      const row = await repository.findDocument(database, actor, id)
      if (row === null) throw fail('NOT_FOUND')
      await noteBypass(actor, 'documents.get', 'document', id)
      return presentDocument(row)
    },

    async list({ actor, input }) {
      const { limit, knowledgeBaseId, status, search } = input
      const filters = { knowledgeBaseId, status, search }
      const scope: CursorScope = { list: 'documents', keyType: 'timestamptz', filters }
      const found = await repository.listDocuments(database, actor, filters, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      await noteBypass(actor, 'documents.list', 'knowledgeBase', knowledgeBaseId)
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentDocument,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
    },

    async chunks({ actor, input }) {
      const { limit, id } = input
      const scope: CursorScope = { list: 'documents.chunks', keyType: 'smallint', filters: { id } }
      const found = await repository.listChunks(database, actor, id, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      await noteBypass(actor, 'documents.chunks', 'document', id)
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentChunk,
        cursorOf: (row) => encodeCursor(scope, { key: `${row.position}`, id: row.id }),
      })
    },

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, wake }) => {
        const { knowledgeBaseId } = await held(db, actor, id)
        await db.document.delete({ where: { id }, select: { id: true } })
        audit({ targetType: 'document', targetId: id, changes: { knowledgeBaseId } })
        wake(KNOWLEDGE_GONE_TOPIC, '')
        wake(FILES_GONE_TOPIC, '')
        return { ok: true }
      }),

    retry: ({ actor, input: { id }, unit }) =>
      unit.commit(async (change) => {
        const { db } = change
        const { knowledgeBaseId } = await held(db, actor, id)
        const failed = await versions.takeFailed(db, id)
        if (failed === null)
          throw fail('CONFLICT', { message: 'Only a document that failed is tried again.' })
        const { fileId, type, sha256 } = failed
        if (fileId === null) throw fail('CONFLICT', { message: 'Its file was deleted: upload it again.' })
        const versionId = newId()
        const jobId = change.enqueue(ingestDocument, { versionId, bypass: actor.bypass })
        const bytes = Number(failed.bytes)
        const version = { id: versionId, knowledgeBaseId, jobId, fileId, type, bytes, sha256 }
        // A version of its own, so that clearing away what the failed one left cannot touch it.
        const number = await versions.insertVersion(db, id, { ...version, now: clock.now() })
        await versions.removeVersion(db, failed.id)
        change.audit({ targetType: 'document', targetId: id, changes: { version: number, jobId } })
        change.wake(KNOWLEDGE_GONE_TOPIC, '')
        return { document: presentDocument(await repository.readQueued(db, id)), jobId }
      }),
  }

  async function noteBypass(actor: Actor, action: string, targetType: string, targetId: string) {
    await auditBypassedRead(database, actor, { action, targetType, targetId })
  }
}

/** @throws NOT_FOUND, FORBIDDEN */
async function held(db: Tx, actor: Actor, id: string): Promise<{ readonly knowledgeBaseId: string }> {
  const document = await versions.holdOwnDocument(db, actor, id)
  if (document !== null) return document
  const baseId = await versions.baseOf(db, id)
  const refused = baseId === null ? undefined : await whyBaseRefused(db, actor, baseId, 'editor')
  throw refused ?? fail('NOT_FOUND')
}

/**
 * What the file is read as.
 * @throws FILE_TYPE_REFUSED, PAYLOAD_TOO_LARGE
 */
function typeOfDocument({ name, type, bytes }: UploadedFile): string {
  // Word may put first what shows only that it is a ZIP; what is in it is looked at when it is read.
  const read = type === 'application/zip' && /\.docx$/i.test(name) ? DOCX : type
  if (!isDocumentType(read)) {
    const message = 'A ZIP file is no document: upload what is in it.'
    throw failBecause('FILE_TYPE_REFUSED', { message, issues: [{ field: 'file', message }] })
  }
  if (bytes > mostBytes[read]) {
    const message = `A document of type ${read} has up to ${mostBytes[read]} bytes.`
    throw fail('PAYLOAD_TOO_LARGE', { message })
  }
  return read
}
