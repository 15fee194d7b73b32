import { mutation, query, router, upload } from '../../../contract/procedure.ts'
import { documentTypes, mostDocumentBytes } from '../extraction/document-types.ts'
import { ingestDocument } from '../ingest/ingest-document.ts'
import type { ReembedService } from '../reembed/reembed.service.ts'
import { reembedBase } from '../reembed/reembed-base.ts'
import * as schema from './documents.schema.ts'
import type { DocumentsService } from './documents.service.ts'

/** `documents.*`. */
export const createDocumentsRouter = (documents: DocumentsService, reembed: ReembedService) =>
  router({
    upload: upload({
      summary: 'Put a document into a knowledge base: PDF, Word, HTML, Markdown, text or CSV.',
      description:
        'Answers when the file is there; a job reads it and has it found. The same name again is a new version: the one before is found until the new one is ready. Counts against your quota.',
      policy: {
        surfaces: { mcp: 'listed', rest: 'POST /documents' },
        access: { who: 'member', min: 'editor' },
        scope: 'knowledge:write',
        limit: 'write',
        audit: 'documents.upload',
        upload: { maxBytes: mostDocumentBytes, types: [...documentTypes, 'application/zip'] },
        errors: ['STORAGE_QUOTA_EXCEEDED', 'FILE_TYPE_REFUSED', 'OVERLOADED'],
      },
      input: schema.DocumentsUploadInput,
      output: schema.DocumentsUploadOutput,
      job: ingestDocument,
      admit: (call) => documents.admit(call),
      run: (call) => documents.upload(call),
    }),
    get: query({
      summary: 'Get a document: whether it is ready, and what is known of it.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'knowledge:read',
        limit: 'read',
      },
      input: schema.DocumentsGetInput,
      output: schema.DocumentsGetOutput,
      run: (call) => documents.get(call),
    }),
    list: query({
      summary: 'List the documents of a knowledge base, newest first.',
      policy: {
        surfaces: { mcp: 'listed' },
        access: { who: 'member', min: 'viewer' },
        scope: 'knowledge:read',
        limit: 'read',
      },
      input: schema.DocumentsListInput,
      output: schema.DocumentsListOutput,
      run: (call) => documents.list(call),
    }),
    chunks: query({
      summary: 'Read a document passage by passage, as searches find it.',
      policy: {
        surfaces: { rest: 'GET /documents/{id}/chunks' },
        access: { who: 'member', min: 'viewer' },
        scope: 'knowledge:read',
        limit: 'read',
      },
      input: schema.DocumentsChunksInput,
      output: schema.DocumentsChunksOutput,
      run: (call) => documents.chunks(call),
    }),
    delete: mutation({
      summary: 'Delete a document with all its versions, for good.',
      description: 'It is not found from then on; its file and vectors are removed within a minute.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: 'knowledge:write',
        limit: 'write',
        audit: 'documents.delete',
        destructive: true,
      },
      input: schema.DocumentsDeleteInput,
      output: schema.DocumentsDeleteOutput,
      run: (call) => documents.delete(call),
    }),
    retry: mutation({
      summary: 'Take a document in again that failed.',
      policy: {
        access: { who: 'member', min: 'editor' },
        scope: 'knowledge:write',
        limit: 'write',
        audit: 'documents.retry',
      },
      input: schema.DocumentsRetryInput,
      output: schema.DocumentsRetryOutput,
      job: ingestDocument,
      run: (call) => documents.retry(call),
    }),
    reembed: mutation({
      summary: 'Make the vectors of a knowledge base anew, with the embedding model of now.',
      description:
        'A job builds them beside those in use, which are searched until the new ones take their place. While one is under way, its id is the answer.',
      policy: {
        surfaces: { rest: 'POST /knowledge-bases/{knowledgeBaseId}/reembed' },
        access: { who: 'member', min: 'editor' },
        scope: 'knowledge:write',
        limit: 'write',
        audit: 'documents.reembed',
        idempotent: true,
        errors: ['MODEL_NOT_AVAILABLE'],
      },
      input: schema.DocumentsReembedInput,
      output: schema.DocumentsReembedOutput,
      job: reembedBase,
      run: (call) => reembed.start(call),
    }),
  })
