import stringWidth from 'fast-string-width'
import type { Colours } from './colours.ts'
import { oneLine } from './sanitise.ts'

const GAP = '  '
const MIN_WIDTH = 8

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Numbers stand at the right. */
  readonly isNumber: boolean
}

/**
 * Rows under headings, as wide as `width` columns of the terminal allow: the widest columns are cut first. Width is
 * counted as terminals do, so that Chinese and emoji line up. Without a trailing line end.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: Colours,
): string {
  const cells = rows.map((row) => row.map(oneLine))
  const natural = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[index] ?? ''))),
  )
  const widths = fitted(natural, width)
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => padded(cell, widths[index] ?? 0, columns[index]?.isNumber === true))
      .join(GAP)
      .trimEnd()
  return [paint.dim(line(columns.map(({ title }) => title))), ...cells.map(line)].join('\n')
}

/** Names and values, one pair per line. */
export function renderPairs(
  pairs: readonly (readonly [string, string])[],
  width: number,
  paint: Colours,
): string {
  const names = Math.max(0, ...pairs.map(([name]) => stringWidth(name)))
  const room = Math.max(MIN_WIDTH, width - names - GAP.length)
  return pairs
    .map(([name, value]) => {
      const cut = oneLine(value)
      return `${paint.dim(padded(name, names, false))}${GAP}${stringWidth(cut) > room ? shortened(cut, room) : cut}`
    })
    .join('\n')
}

function fitted(natural: readonly number[], width: number): number[] {
  const widths = [...natural]
  let excess =
    widths.reduce((sum, each) => sum + each, 0) + GAP.length * Math.max(0, widths.length - 1) - width
  while (excess > 0) {
    const widest = Math.max(...widths)
    if (widest <= MIN_WIDTH) break
    const next = Math.max(MIN_WIDTH, ...widths.filter((each) => each < widest))
    const those = widths.flatMap((each, index) => (each === widest ? [index] : []))
    const step = Math.max(1, Math.min(widest - next, Math.ceil(excess / those.length)))
    for (const index of those) widths[index] = widest - step
    excess -= step * those.length
  }
  return widths
}

function padded(text: string, width: number, isRight: boolean): string {
  const cut = stringWidth(text) > width ? shortened(text, width) : text
  const space = ' '.repeat(Math.max(0, width - stringWidth(cut)))
  return isRight ? space + cut : cut + space
}

/** The beginning of a text, `width` columns wide with the `…` at its end; never half of a character. */
function shortened(text: string, width: number): string {
  let result = ''
  let used = 1
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment)
    if (used > width) break
    result += segment
  }
  return `${result}…`
}
