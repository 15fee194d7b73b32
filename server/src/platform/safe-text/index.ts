import { safeCharacters } from './safe-characters.ts'
import { type SafeTextOptions, safeMarkdown } from './safe-markdown.ts'
import type { TextFilter } from './text-filter.ts'

export type { SafeTextOptions } from './safe-markdown.ts'
export type { TextFilter } from './text-filter.ts'

/**
 * A guard for text of a language model that goes to people piece by piece. Nothing that it lets through fetches, links,
 * hides or acts: no images, links, HTML, escape sequences or invisible characters, also when they come in pieces.
 */
export function createSafeText(options: SafeTextOptions = {}): TextFilter {
  const characters = safeCharacters()
  const markdown = safeMarkdown(options)
  return {
    push: (piece) => markdown.push(characters.push(piece)),
    end: () => markdown.push(characters.end()) + markdown.end(),
  }
}

/** {@link createSafeText} for a whole text. */
export function safeText(text: string, options?: SafeTextOptions): string {
  const guard = createSafeText(options)
  return guard.push(text) + guard.end()
}
