/** Word's own format, as content tells it. */
export const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

/** What can be taken into a knowledge base, as the content tells it. */
export const documentTypes = [
  'application/pdf',
  DOCX,
  'text/html',
  'text/markdown',
  'text/plain',
  'text/csv',
] as const
/** A type of document. */
export type DocumentType = (typeof documentTypes)[number]

const MIB = 1_048_576

/** The most a file of each type may have. Markup and tables become many objects, so they get less than what is packed. */
export const mostBytes: Readonly<Record<DocumentType, number>> = {
  'application/pdf': 25 * MIB,
  [DOCX]: 25 * MIB,
  'text/html': 10 * MIB,
  'text/markdown': 4 * MIB,
  'text/plain': 10 * MIB,
  'text/csv': 10 * MIB,
}

/** Whether `type` is one of {@link documentTypes}. */
export function isDocumentType(type: string): type is DocumentType {
  return documentTypes.some((known) => known === type)
}

/** The most any document may have. */
export const mostDocumentBytes = Math.max(...Object.values(mostBytes))
