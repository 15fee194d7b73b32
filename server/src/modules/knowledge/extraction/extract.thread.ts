import { threadTask } from '../../../platform/threads/thread-task.ts'
import { chunkDocument, type DocumentChunk } from '../chunking/chunk-document.ts'
import { assemble } from './blocks.ts'
import type { DocumentType } from './document-types.ts'
import { MOST_CHARACTERS } from './most-characters.ts'
import { type ReadProgress, readDocument } from './read-document.ts'
import { Unreadable } from './unreadable.ts'

/** What the thread is told. */
export interface ExtractTask {
  readonly type: DocumentType
  readonly bytes: Uint8Array
}

/** What comes of it: the chunks, or why there are none. */
export type Extraction =
  | { readonly kind: 'unreadable'; readonly why: string }
  | {
      readonly kind: 'read'
      readonly title: string | null
      readonly pages: number | null
      readonly characters: number
      readonly chunks: readonly DocumentChunk[]
    }

const MOST_CHUNKS = 10_000
const MOST_TITLE_CHARACTERS = 300

export default threadTask(
  async ({ type, bytes }: ExtractTask, report: (progress: ReadProgress) => void): Promise<Extraction> => {
    try {
      return await extract(type, bytes, report)
    } catch (error) {
      if (error instanceof Unreadable) return { kind: 'unreadable', why: error.message }
      // Whatever a parser stumbles over, it will stumble over again.
      return { kind: 'unreadable', why: 'The file is damaged: it cannot be read.' }
    }
  },
)

async function extract(
  type: DocumentType,
  bytes: Uint8Array,
  report: (progress: ReadProgress) => void,
): Promise<Extraction> {
  const { title, pages, blocks } = await readDocument(type, bytes, report)
  const assembled = assemble(blocks)
  const characters = assembled.text.length
  if (characters > MOST_CHARACTERS) throw new Unreadable(`It has more than ${MOST_CHARACTERS} characters.`)
  const chunks = chunkDocument(assembled)
  if (chunks.length === 0) throw new Unreadable('There is no text in the file.')
  if (chunks.length > MOST_CHUNKS)
    throw new Unreadable(
      `It is too long: ${chunks.length} passages, and no more than ${MOST_CHUNKS} can be taken.`,
    )
  return {
    kind: 'read',
    title: title === null ? null : title.slice(0, MOST_TITLE_CHARACTERS).toWellFormed(),
    pages,
    characters,
    chunks,
  }
}
