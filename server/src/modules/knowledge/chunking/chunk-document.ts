import type { AssembledText, Part } from '../extraction/blocks.ts'
import { countTokens } from './count-tokens.ts'
import { type Span, splitText } from './split-text.ts'

/** A passage of a document: what is embedded, found and cited. */
export interface DocumentChunk extends Span {
  /** Exactly what stands between `start` and `end` in the document's text. */
  readonly text: string
  /** The headings it stands under, outermost first. */
  readonly headings: readonly string[]
  /** Where it begins; undefined where there are no pages. */
  readonly page: number | undefined
}

/** A chunk has at most so many tokens (see `countTokens`), but for the overlap. */
const MOST_TOKENS = 350
/** One that has so many ends with its page. */
const ENOUGH_TOKENS = 100
/** Where a section goes on in the next chunk, that begins with the last sentence before it, if it is no longer. */
const OVERLAP_TOKENS = 40
const MOST_HEADING_CHARACTERS = 200

/** Something that is not cut any more. */
interface Piece extends Span {
  readonly kind: Part['kind']
  readonly tokens: number
  readonly page: number | undefined
}

/**
 * Cuts a document into chunks along its structure: sections, paragraphs, sentences. The same text gives the same chunks.
 * Everything but white space is in at least one.
 */
export function chunkDocument({ text, parts }: AssembledText): DocumentChunk[] {
  const chunks: DocumentChunk[] = []
  const path: { level: number; text: string }[] = []
  let held: Piece[] = []
  let tokens = 0
  /** Where the section that goes on in this chunk was left; undefined at the beginning of one. */
  let overlap: number | undefined

  const flush = (goesOn: boolean): void => {
    const [first] = held
    const last = held.at(-1)
    if (first !== undefined && last !== undefined) {
      const start = overlap ?? first.start
      const passage = trimmed(text, { start, end: last.end })
      // The space between two words that each fill a chunk.
      if (passage.text !== '')
        chunks.push({ ...passage, headings: path.map((heading) => heading.text), page: first.page })
      overlap = goesOn && last.kind === 'text' ? lastSentence(text, last, start) : undefined
    } else if (!goesOn) overlap = undefined
    held = []
    tokens = 0
  }

  for (const part of parts) {
    if (part.kind === 'heading') {
      // Headings right after each other stand at the beginning of one chunk.
      if (held.some(({ kind }) => kind !== 'heading')) flush(false)
      overlap = undefined
      const level = part.level ?? 1
      while ((path.at(-1)?.level ?? 0) >= level) path.pop()
      path.push({
        level,
        text: text.slice(part.start, part.end).slice(0, MOST_HEADING_CHARACTERS).toWellFormed(),
      })
    } else if (part.page !== held[0]?.page && tokens >= ENOUGH_TOKENS) flush(true)
    for (const piece of piecesOf(text, part)) {
      if (held.length > 0 && tokens + piece.tokens > MOST_TOKENS) flush(true)
      if (piece.kind === 'row') overlap = undefined
      held.push(piece)
      tokens += piece.tokens
    }
  }
  flush(false)
  return chunks
}

function piecesOf(text: string, part: Part): Piece[] {
  return splitText(text, part, MOST_TOKENS).map(({ start, end }) => ({
    kind: part.kind,
    page: part.page,
    start,
    end,
    tokens: countTokens(text, start, end),
  }))
}

function trimmed(text: string, { start, end }: Span): Span & { readonly text: string } {
  const whole = text.slice(start, end)
  const left = whole.length - whole.trimStart().length
  const kept = whole.trim()
  return { start: start + left, end: start + left + kept.length, text: kept }
}

/** Where the last sentence of a piece begins, when it is short enough to be said twice and not all there is in a chunk. */
function lastSentence(text: string, { start, end }: Piece, chunkStart: number): number | undefined {
  const piece = text.slice(start, end).trimEnd()
  const last = [...piece.matchAll(/[.!?…]["'”’)\]]*\s+/gu)].at(-1)
  const from = last === undefined ? start : start + last.index + last[0].length
  return from > chunkStart && countTokens(text, from, end) <= OVERLAP_TOKENS ? from : undefined
}
