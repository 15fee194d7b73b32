import { isoOf } from '../../../platform/pagination/moments.ts'
import type { Citation, Message } from '../chat.schema.ts'
import type { MessageRow } from './messages.repository.ts'

/** A message as it leaves. `readable` are the chunks its reader may see now. */
export function presentMessage(row: MessageRow, readable: ReadonlySet<string>): Message {
  const { inputTokens, outputTokens, cost } = row
  return {
    id: row.id,
    threadId: row.threadId,
    role: row.role,
    state: row.state,
    answersId: row.answersId,
    text: row.text,
    citations: row.citations.map((citation) => presentCitation(citation, readable)),
    model: row.model,
    usage:
      inputTokens === null || outputTokens === null || cost === null
        ? null
        : { inputTokens, outputTokens, cost },
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.error ?? '' },
    traceId: row.traceId,
    createdAt: isoOf(row.createdAt),
    endedAt: row.endedAt === null ? null : isoOf(row.endedAt),
  }
}

/** A citation for who may read these chunks: of others nothing is said but that they were there. */
export function presentCitation(citation: Citation, readable: ReadonlySet<string>): Citation {
  const { n, chunkId, documentId } = citation
  if (readable.has(chunkId)) return citation
  return { n, available: false, chunkId, documentId, headings: [] }
}
