import type { ReadDocument } from './blocks.ts'
import { decodeText } from './decode-text.ts'
import { DOCX, type DocumentType, mostBytes } from './document-types.ts'
import { readCsv } from './read-csv.ts'
import { readDocx } from './read-docx.ts'
import { readHtml } from './read-html.ts'
import { readMarkdown } from './read-markdown.ts'
import { readPdf } from './read-pdf.ts'
import { readPlain } from './read-plain.ts'
import { Unreadable } from './unreadable.ts'

/** How far reading is, in pages. */
export interface ReadProgress {
  readonly current: number
  readonly total: number
}

/**
 * Reads a file of `type`, which its content told. Keeps a processor busy: only in threads.
 * @throws Unreadable
 */
export async function readDocument(
  type: DocumentType,
  bytes: Uint8Array,
  report: (progress: ReadProgress) => void,
): Promise<ReadDocument> {
  if (bytes.length > mostBytes[type]) {
    const most = Math.floor(mostBytes[type] / 1_048_576)
    throw new Unreadable(`A file of this type may have up to ${most} MiB.`)
  }
  switch (type) {
    case 'application/pdf':
      return await readPdf(bytes, report)
    case DOCX:
      return await readDocx(bytes)
    case 'text/html':
      return readHtml(decodeText(bytes))
    case 'text/markdown':
      return readMarkdown(decodeText(bytes))
    case 'text/csv':
      return readCsv(decodeText(bytes))
    case 'text/plain':
      return readPlain(decodeText(bytes))
  }
}
