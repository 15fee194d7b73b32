import { isoOf, type Moment } from '../../../platform/pagination/moments.ts'
import type { Document, DocumentChunk } from './documents.schema.ts'

/** A document's columns, as repositories read them. */
export interface DocumentRow extends Omit<Document, 'createdAt' | 'updatedAt'> {
  readonly createdAt: Moment
  readonly updatedAt: Moment
}

/** A document as it leaves. */
export function presentDocument(row: DocumentRow): Document {
  return {
    id: row.id,
    knowledgeBaseId: row.knowledgeBaseId,
    name: row.name,
    title: row.title,
    type: row.type,
    bytes: row.bytes,
    version: row.version,
    foundVersion: row.foundVersion,
    status: row.status,
    error: row.error,
    pages: row.pages,
    characters: row.characters,
    chunks: row.chunks,
    fileId: row.fileId,
    jobId: row.jobId,
    createdById: row.createdById,
    createdAt: isoOf(row.createdAt),
    updatedAt: isoOf(row.updatedAt),
  }
}

/** A chunk's columns, as repositories read them. */
export interface ChunkRow extends Omit<DocumentChunk, 'span' | 'headings'> {
  readonly headings: string[]
  readonly start: number
  readonly end: number
}

/** A chunk as it leaves. */
export function presentChunk(row: ChunkRow): DocumentChunk {
  return {
    id: row.id,
    documentId: row.documentId,
    position: row.position,
    text: row.text,
    headings: row.headings,
    page: row.page,
    span: { start: row.start, end: row.end },
  }
}
