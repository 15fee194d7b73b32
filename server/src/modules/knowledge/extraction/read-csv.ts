import { parse } from 'csv-parse/sync'
import { type Block, oneLine, type ReadDocument } from './blocks.ts'
import { Unreadable } from './unreadable.ts'

const DELIMITERS = [',', ';', '\t', '|']
const MOST_COLUMNS = 1_000

/** A table: each row on a line of its own, its values by the names in the first row. */
export function readCsv(text: string): ReadDocument {
  const [names = [], ...rows] = rowsOf(text)
  if (rows.length === 0)
    return { title: null, pages: null, blocks: [{ kind: 'row', text: names.join('; ') }] }
  const blocks = rows.map(
    (row): Block => ({
      kind: 'row',
      text: row
        .map((value, index) => (value === '' ? '' : `${names[index] || `column ${index + 1}`}: ${value}`))
        .filter((pair) => pair !== '')
        .join('; '),
    }),
  )
  return { title: null, pages: null, blocks }
}

/** @throws Unreadable */
function rowsOf(text: string): string[][] {
  try {
    const rows: string[][] = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      on_record: (record: string[]) => {
        if (record.length > MOST_COLUMNS)
          throw new Unreadable(`A table may have up to ${MOST_COLUMNS} columns.`)
        return record.map(oneLine)
      },
    })
    return rows
  } catch (error) {
    if (error instanceof Unreadable) throw error
    throw new Unreadable('The table cannot be read: a quotation mark is never closed.')
  }
}

/** The one that the first line has most of. */
function delimiterOf(text: string): string {
  const first = text.slice(0, 10_000).split('\n', 1)[0] ?? ''
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: first.split(delimiter).length }))
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).delimiter
}
