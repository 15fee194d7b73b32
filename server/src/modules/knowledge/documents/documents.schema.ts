import { z } from 'zod'
import { exampleId } from '../../../contract/example-input.ts'
import { named } from '../../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, SearchText, Timestamp } from '../../../contract/schemas.ts'

const Status = z
  .enum(['processing', 'ready', 'failed'])
  .describe('Of the newest version. While it is not ready, the one before it, if there is one, is found.')

/** A document of a knowledge base. */
export const Document = named(
  'Document',
  'A document of a knowledge base.',
  z.object({
    id: Id,
    knowledgeBaseId: Id.meta({ examples: [exampleId('knowledgeBase')] }),
    name: z
      .string()
      .meta({ examples: ['handbook.pdf'] })
      .describe('The file’s. The same name again is a new version.'),
    title: z
      .string()
      .nullable()
      .meta({ examples: ['Handbook'] })
      .describe('What it calls itself.'),
    type: z
      .string()
      .meta({ examples: ['application/pdf'] })
      .describe('Told by the content.'),
    bytes: z.int().meta({ examples: [123_456] }),
    version: z
      .int()
      .meta({ examples: [2] })
      .describe('Counts uploads of this name; all that is said here is of the newest.'),
    foundVersion: z
      .int()
      .nullable()
      .meta({ examples: [2] })
      .describe('The version that searches find; null while there is none.'),
    status: Status.meta({ examples: ['ready'] }),
    error: z
      .string()
      .nullable()
      .meta({ examples: [null] })
      .describe('Why it failed.'),
    pages: z
      .int()
      .nullable()
      .meta({ examples: [12] })
      .describe('Null where there are none.'),
    characters: z
      .int()
      .nullable()
      .meta({ examples: [34_567] }),
    chunks: z
      .int()
      .meta({ examples: [40] })
      .describe('Passages it is cut into; 0 until it is.'),
    fileId: Id.nullable().describe('Its file, for `files.link`; null when that was deleted.'),
    jobId: Id.meta({ examples: [exampleId('job')] }).describe('The job that takes it in.'),
    createdById: Id.nullable().meta({ examples: [exampleId('user')] }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Document = z.infer<typeof Document>

/** A passage of a document. */
export const DocumentChunk = named(
  'DocumentChunk',
  'A passage of a document: what is found and cited.',
  z.object({
    id: Id,
    documentId: Id.meta({ examples: [exampleId('document')] }),
    position: z.int().describe('Counts from 0.'),
    text: z.string().meta({ examples: ['Everybody has thirty days of holiday.'] }),
    headings: z
      .array(z.string())
      .meta({ examples: [['Handbook', 'Holidays']] })
      .describe('What it stands under, outermost first.'),
    page: z.int().nullable().describe('Where it begins, from 1; null where there are no pages.'),
    span: z
      .object({ start: z.int(), end: z.int() })
      .describe('Where it is in the document’s text, in UTF-16 units; the end is exclusive.'),
  }),
)
export type DocumentChunk = z.infer<typeof DocumentChunk>

export const DocumentsUploadInput = z.strictObject({
  knowledgeBaseId: Id.describe('Where it goes; send it before the file.'),
})
const Started = z.object({
  document: Document,
  jobId: Id.meta({ examples: [exampleId('job')] }).describe('The job that takes it in.'),
})
export type Started = z.infer<typeof Started>
export const DocumentsUploadOutput = Started

export const DocumentsGetInput = z.strictObject({ id: Id })
export const DocumentsGetOutput = Document

export const DocumentsListInput = z.strictObject({
  knowledgeBaseId: Id,
  ...pageInput,
  status: Status.optional(),
  search: SearchText.optional().describe('Part of the name.'),
})
export const DocumentsListOutput = listOf(Document)

export const DocumentsChunksInput = z.strictObject({ id: Id, ...pageInput })
export const DocumentsChunksOutput = listOf(DocumentChunk)

export const DocumentsDeleteInput = z.strictObject({ id: Id })
export const DocumentsDeleteOutput = Done

export const DocumentsRetryInput = z.strictObject({ id: Id })
export const DocumentsRetryOutput = Started

export const DocumentsReembedInput = z.strictObject({ knowledgeBaseId: Id })
export const DocumentsReembedOutput = z.object({ jobId: Id })
