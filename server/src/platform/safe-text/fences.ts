/** A block of code that was opened. */
export interface Fence {
  readonly mark: string
  /** Spaces that were before it, and go from its lines. */
  readonly indent: number
}

/** Languages that pages draw instead of showing: a drawing can fetch pictures and have links. */
const DRAWN = new Set(
  'mermaid plantuml puml graphviz dot d2 svg geojson topojson stl vega vega-lite echarts chart abc html-preview'.split(
    ' ',
  ),
)
/** A line that holds nothing yet, or the sign of a list's item. */
const ITEM = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?$/
const INFO_LENGTH = 100

/** Whether a block of code may begin after `line`. */
export function mayOpenFence(line: string): boolean {
  return ITEM.test(line)
}

/** The opening of a block of code at `at`; undefined when it is none. */
export function openingAt(
  text: string,
  at: number,
  isWhole: boolean,
): { readonly mark: string; readonly language: string; readonly end: number } | 'wait' | undefined {
  const marks = /`+|~+/y
  marks.lastIndex = at
  const mark = marks.exec(text)?.[0] ?? ''
  const from = at + mark.length
  if (from === text.length && !isWhole) return 'wait'
  if (mark.length < 3) return undefined
  // Behind tildes the rest of the line may hold backticks; behind backticks it may not.
  const info = mark.startsWith('~') ? /[^\n]*/y : /[^\n`]*/y
  info.lastIndex = from
  const rest = (info.exec(text)?.[0] ?? '').slice(0, INFO_LENGTH)
  const end = from + rest.length
  if (end === text.length && rest.length < INFO_LENGTH && !isWhole) return 'wait'
  // Backticks later in the line: code within a sentence.
  if (rest.length < INFO_LENGTH && text.charAt(end) === '`') return undefined
  const language = /^[ \t]*([\w+#.-]*)/.exec(rest)?.[1] ?? ''
  return { mark, language: DRAWN.has(language.toLowerCase()) ? '' : language, end }
}

/** Whether the line at `at` ends the block: where it ends if so. */
export function closingAt(
  text: string,
  at: number,
  { mark }: Fence,
  isWhole: boolean,
): number | 'wait' | undefined {
  const sign = mark.charAt(0)
  let end = at
  const skip = (chars: string): number => {
    const from = end
    while (end < text.length && chars.includes(text.charAt(end))) end += 1
    return end - from
  }
  skip(' \t')
  const count = skip(sign)
  skip(' \t')
  if (end === text.length && !isWhole) return 'wait'
  const isLine = end === text.length || text.charAt(end) === '\n'
  return isLine && count >= mark.length ? end : undefined
}
