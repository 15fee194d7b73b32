import type { Hit } from '../../knowledge/index.ts'

/** A passage under the number that an answer names it by. */
export interface Source {
  readonly n: number
  readonly hit: Hit
}

/**
 * Passages as blocks in a system message: `<source n="1" title="…" page="…">text</source>`, with everything escaped
 * that could end a block or begin another, so that a document cannot pretend to be a second source or to be us.
 */
export function sourceBlock({ n, hit }: Source): string {
  const page = hit.page === undefined ? '' : ` page="${hit.page}"`
  const headings = hit.headings.length === 0 ? '' : `${hit.headings.join(' › ')}\n`
  return `<source n="${n}" title="${escaped(hit.title)}"${page}>${escaped(headings + hit.text)}</source>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char)
}
