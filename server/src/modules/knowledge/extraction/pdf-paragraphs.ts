import { oneLine } from './blocks.ts'

/** A run of letters where it stands on a page. */
export interface TextItem {
  readonly text: string
  readonly endsLine: boolean
  /** From the lower edge of the page. */
  readonly y: number
  readonly height: number
}

interface Line {
  text: string
  y: number
  height: number
}

/** A gap between lines larger than so many heights of a line begins a paragraph. */
const GAP = 1.8

/** The paragraphs of a page: lines that stand close together, words that were divided at a line's end put together. */
export function paragraphsOf(items: readonly TextItem[]): string[] {
  const paragraphs: string[] = []
  let text = ''
  let before: Line | undefined
  const flush = (): void => {
    const kept = oneLine(text)
    if (kept !== '') paragraphs.push(kept)
    text = ''
  }
  for (const line of linesOf(items)) {
    if (before !== undefined && isApart(before, line)) flush()
    text = joined(text, line.text)
    before = line
  }
  flush()
  return paragraphs
}

function isApart(before: Line, line: Line): boolean {
  const height = Math.max(before.height, line.height, 1)
  return Math.abs(before.y - line.y) > height * GAP
}

function linesOf(items: readonly TextItem[]): Line[] {
  const found: Line[] = []
  let line: Line | undefined
  for (const { text, endsLine, y, height } of items) {
    line ??= { text: '', y, height }
    line.text += text
    line.height = Math.max(line.height, height)
    if (!endsLine) continue
    if (line.text.trim() !== '') found.push(line)
    line = undefined
  }
  if (line !== undefined && line.text.trim() !== '') found.push(line)
  return found
}

/** “infor-” and “mation” is one word; “well-” and “Known” stays two. */
function joined(text: string, next: string): string {
  if (/\p{Ll}[-\u00ad\u2010]$/u.test(text) && /^\p{Ll}/u.test(next)) return text.slice(0, -1) + next
  return text === '' ? next : `${text} ${next}`
}
