import { countTokens } from './count-tokens.ts'

/** A part of a text, in UTF-16 units; the end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Ends of sentences, of lines, and of anything with white space after it; the best first. */
const ENDS = [/[.!?…](?:["'”’)\]]*)\s+|[。！？]/gu, /\n+/g, /\s+/g] as const

/**
 * Cuts a span into ones of at most `most` tokens: between sentences where they are short enough, else between lines, else
 * between words, and within a word only when there is nothing else. Never inside of a character.
 */
export function splitText(text: string, span: Span, most: number): Span[] {
  return cut(text, span, most, 0)
}

function cut(text: string, span: Span, most: number, rank: number): Span[] {
  if (countTokens(text, span.start, span.end) <= most) return [span]
  const end = ENDS[rank]
  if (end === undefined) return cutAnywhere(text, span, most)
  return pack(
    text,
    piecesOf(text, span, end).flatMap((piece) => cut(text, piece, most, rank + 1)),
    most,
  )
}

function piecesOf(text: string, { start, end }: Span, pattern: RegExp): Span[] {
  const pieces: Span[] = []
  let from = start
  const within = text.slice(start, end)
  for (const match of within.matchAll(pattern)) {
    const to = start + match.index + match[0].length
    pieces.push({ start: from, end: to })
    from = to
  }
  if (from < end) pieces.push({ start: from, end })
  return pieces
}

/** Puts neighbours together again as far as they fit. */
function pack(text: string, pieces: readonly Span[], most: number): Span[] {
  const packed: Span[] = []
  let last: { start: number; end: number; tokens: number } | undefined
  for (const piece of pieces) {
    const tokens = countTokens(text, piece.start, piece.end)
    if (last !== undefined && last.tokens + tokens <= most) {
      last.end = piece.end
      last.tokens += tokens
      continue
    }
    if (last !== undefined) packed.push({ start: last.start, end: last.end })
    last = { ...piece, tokens }
  }
  if (last !== undefined) packed.push({ start: last.start, end: last.end })
  return packed
}

function cutAnywhere(text: string, { start, end }: Span, most: number): Span[] {
  const pieces: Span[] = []
  let from = start
  let tokens = 0
  for (let index = start; index < end; ) {
    const width = (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
    const next = countTokens(text, index, index + width)
    if (tokens + next > most && index > from) {
      pieces.push({ start: from, end: index })
      from = index
      tokens = 0
    }
    tokens += next
    index += width
  }
  pieces.push({ start: from, end })
  return pieces
}
