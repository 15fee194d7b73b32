import { createSafeText, safeText } from '../../../platform/safe-text/index.ts'
import type { Citation } from '../chat.schema.ts'
import type { Source } from '../prompt/sources.ts'

const LONGEST_QUOTE = 240
/** Rights are asked for again before something is cited, but not more often than this. */
const TRUSTED_MS = 1_000

/** A piece of an answer as it may be shown, with what it names for the first time. */
export interface CitedPiece {
  readonly text: string
  readonly citations: readonly Citation[]
}

/** Makes of what a model writes what people get. */
export interface CitedText {
  push(piece: string): Promise<CitedPiece>
  end(): Promise<CitedPiece>
}

/** What {@link createCitedText} needs. */
export interface CitedTextParts {
  /** The passages in the prompt, numbered. */
  readonly sources: readonly Source[]
  /** Texts whose addresses may be shown whole: the person's own, and the sources. */
  readonly known: readonly string[]
  /** Those of these chunks the asker may read now. */
  readonly readable: (chunkIds: readonly string[]) => Promise<ReadonlySet<string>>
}

/**
 * Lets the markers of an answer through that name a passage of its prompt which the asker may still read; all others
 * are taken out. The rest is made harmless by the platform's guard.
 */
export function createCitedText({ sources, known, readable }: CitedTextParts): CitedText {
  const byNumber = new Map(sources.map((source) => [source.n, source.hit]))
  const chunkIds = sources.map(({ hit }) => hit.chunkId)
  const cited = new Set<number>()
  let found: Citation[] = []
  let allowed: ReadonlySet<string> = new Set()
  let askedAt = Number.NEGATIVE_INFINITY

  const guard = createSafeText({
    isKnownAddress: (address) => known.some((text) => text.includes(address)),
    keepMarker(n) {
      const hit = byNumber.get(n)
      if (hit === undefined || !allowed.has(hit.chunkId)) return false
      if (!cited.has(n)) found.push(citationOf({ n, hit }))
      cited.add(n)
      return true
    },
  })

  const ask = async (piece: string): Promise<void> => {
    // Only a piece with a digit or a bracket can bring a marker to its end.
    if (chunkIds.length === 0 || !/[\d\]]/.test(piece) || performance.now() - askedAt < TRUSTED_MS) return
    allowed = await readable(chunkIds)
    askedAt = performance.now()
  }
  const taken = (text: string): CitedPiece => {
    const citations = found
    found = []
    return { text, citations }
  }

  return {
    async push(piece) {
      await ask(piece)
      return taken(guard.push(piece))
    },
    async end() {
      return taken(guard.end())
    },
  }
}

function citationOf({ n, hit }: Source): Citation {
  const { chunkId, documentId, title, headings, span, page, text } = hit
  const quote = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE).toWellFormed()}…` : text
  return {
    n,
    available: true,
    chunkId,
    documentId,
    title,
    headings: [...headings],
    span: { start: span.start, end: span.end },
    ...(page === undefined ? {} : { page }),
    quote: safeText(quote),
  }
}
