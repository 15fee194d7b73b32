import { lines, type ReadDocument } from './blocks.ts'

/** Plain text: what stands between empty lines is a paragraph. */
export function readPlain(text: string): ReadDocument {
  const blocks = text
    .split(/\r?\n[^\S\n]*\r?\n\s*|\r\r|\f/)
    .map((paragraph) => ({ kind: 'text' as const, text: lines(paragraph) }))
  return { title: null, pages: null, blocks }
}
