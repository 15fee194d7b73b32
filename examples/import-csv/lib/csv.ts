import { readFile } from 'node:fs/promises'
import { CsvError, parse } from 'csv-parse/sync'
import { UsageError } from './usage-error.ts'

/** A row of the file, as it will be a task. */
export interface Row {
  /** Where it ends in the file, from 1. */
  readonly line: number
  readonly title: string
  readonly description: string | null
}

type Record = Readonly<{ [column: string]: string }>

const USUAL_TITLES = ['title', 'name', 'summary', 'subject']

/**
 * Reads a CSV file whose first row names the columns. One column is the title: `title` if given, else one with a usual
 * name, else the first that is filled in and different in every row. The others become the description, a line each.
 * Throws {@link UsageError} with the line when the file is not well formed.
 */
export async function readRows(file: string, title?: string): Promise<{ rows: Row[]; titleColumn: string }> {
  const records = parseRecords(file, await readText(file))
  const columns = Object.keys(records[0]?.record ?? {})
  const titleColumn = chooseTitle(
    columns,
    records.map(({ record }) => record),
    title,
  )
  const rows = records.map(({ record, info }) => ({
    line: info.lines,
    title: record[titleColumn] ?? '',
    description: describe(record, titleColumn),
  }))
  return { rows, titleColumn }
}

async function readText(file: string): Promise<string> {
  try {
    // Not well-formed UTF-8 fails here instead of turning into question marks.
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${file} is not UTF-8 text. Save it as UTF-8.`)
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

function parseRecords(file: string, text: string) {
  try {
    const options = { bom: true, columns: distinct, info: true, skip_empty_lines: true }
    const records = parse<{ record: Record; info: { lines: number } }>(text, options)
    if (records.length === 0) throw new UsageError(`${file} has no rows below the names of its columns.`)
    return records
  } catch (error) {
    if (error instanceof CsvError) throw new UsageError(`${file} is not a CSV file: ${error.message}`)
    throw error
  }
}

/** Of two columns with one name the parser would keep only the last. */
function distinct(names: string[]): string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new UsageError(`Two columns are called "${twice}". Rename one of them.`)
  return names
}

function chooseTitle(columns: string[], records: Record[], wanted: string | undefined): string {
  const found =
    wanted === undefined
      ? (columns.find((name) => USUAL_TITLES.includes(name.toLowerCase())) ??
        columns.find((name) => identifies(name, records)))
      : columns.find((name) => name === wanted)
  if (found !== undefined) return found
  const reason = wanted === undefined ? 'No column looks like a title.' : `There is no column "${wanted}".`
  throw new UsageError(`${reason} Choose one with --title: ${columns.join(', ')}`)
}

function identifies(column: string, records: Record[]): boolean {
  const values = new Set(records.map((record) => record[column]?.trim()))
  return values.size === records.length && !values.has('')
}

function describe(record: Record, titleColumn: string): string | null {
  const lines = Object.entries(record)
    .filter(([column, value]) => column !== titleColumn && value !== '')
    .map(([column, value]) => `${column}: ${value}`)
  return lines.length === 0 ? null : lines.join('\n')
}
