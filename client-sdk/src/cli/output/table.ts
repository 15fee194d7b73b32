import stringWidth from 'fast-string-width'
import type { Colours } from './colours.ts'
import { oneLine } from './sanitise.ts'

const GAP = '  '
const MIN_WIDTH = 8
/** A column is left out rather than narrower than this. */
const READABLE_WIDTH = 16

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Never cut, such as what one has to copy. */
  readonly isWhole: boolean
  /** Numbers stand at the right. */
  readonly isNumber: boolean
}

/**
 * Rows under headings, as wide as `width` columns of the terminal allow: the last columns are left out while the others
 * could not be read, then the widest are cut. Width is counted as terminals do, so that Chinese and emoji line up. Without
 * a trailing line end.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: Colours,
): string {
  const cells = rows.map((row) => row.map(oneLine))
  const titles = columns.map(({ title }) => oneLine(title))
  const natural = titles.map((title, index) =>
    Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[index] ?? ''))),
  )
  const shown = columnsThatFit(columns, natural, width)
  const widths = fitted(natural.slice(0, shown), columns, width)
  const line = (row: readonly string[]): string =>
    row
      .slice(0, shown)
      .map((cell, index) => padded(cell, widths[index] ?? 0, columns[index]?.isNumber === true))
      .join(GAP)
      .trimEnd()
  return [paint.dim(line(titles)), ...cells.map(line)].join('\n')
}

/** Names and values, one pair per line. */
export function renderPairs(
  values: readonly (readonly [string, string])[],
  width: number,
  paint: Colours,
): string {
  const pairs = values.map(([name, value]) => [oneLine(name), oneLine(value)] as const)
  const names = Math.max(0, ...pairs.map(([name]) => stringWidth(name)))
  const room = Math.max(MIN_WIDTH, width - names - GAP.length)
  return pairs
    .map(([name, value]) => {
      const shown = stringWidth(value) > room ? shortened(value, room) : value
      return `${paint.dim(padded(name, names, false))}${GAP}${shown}`
    })
    .join('\n')
}

function columnsThatFit(columns: readonly Column[], natural: readonly number[], width: number): number {
  const least = (index: number): number => {
    const full = natural[index] ?? 0
    return columns[index]?.isWhole === true ? full : Math.min(full, READABLE_WIDTH)
  }
  let used = least(0)
  let shown = 1
  while (shown < columns.length) {
    used += GAP.length + least(shown)
    if (used > width) break
    shown += 1
  }
  return shown
}

function fitted(natural: readonly number[], columns: readonly Column[], width: number): number[] {
  const widths = [...natural]
  const canShrink = (index: number): boolean => columns[index]?.isWhole !== true
  let excess = sum(widths) + GAP.length * (widths.length - 1) - width
  while (excess > 0) {
    const widest = Math.max(0, ...widths.filter((_, index) => canShrink(index)))
    if (widest <= MIN_WIDTH) break
    const those = widths.flatMap((each, index) => (each === widest && canShrink(index) ? [index] : []))
    for (const index of those) widths[index] = widest - 1
    excess -= those.length
  }
  return widths
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
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
