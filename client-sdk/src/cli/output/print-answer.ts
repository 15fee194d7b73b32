import type { Output } from '../flags/global-flags.ts'
import { isRecord } from '../records.ts'
import type { Terminal } from '../terminal.ts'
import { colours } from './colours.ts'
import { safeJson } from './sanitise.ts'
import { type Column, renderPairs, renderTable } from './table.ts'

/** These say least in a table: they come last, and are left out first. */
const LAST = ['createdAt', 'projectId', 'description', 'updatedAt', 'version', 'createdById']

/** Tables show moments to the minute. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Prints an answer the way it was asked for. */
export async function printAnswer(answer: unknown, output: Output, terminal: Terminal): Promise<void> {
  if (output === 'json')
    return await terminal.write(`${shown(JSON.stringify(answer ?? null, null, 2), terminal)}\n`)
  const rows = rowsOf(answer)
  if (output === 'ndjson') {
    for (const row of rows ?? [answer]) await printLine(row, terminal)
    return
  }
  if (rows !== undefined) return await printRows(rows, answer, terminal)
  if (!isRecord(answer)) return await terminal.write(`${shown(JSON.stringify(answer ?? null), terminal)}\n`)
  if (isDone(answer)) return terminal.say('Done.')
  const pairs = Object.entries(answer).map(([name, value]): [string, string] => [name, cellOf(value)])
  await terminal.write(`${renderPairs(pairs, widthOf(terminal), colours(terminal.colourOut))}\n`)
}

/** Prints one value on a line of its own: NDJSON. */
export async function printLine(value: unknown, terminal: Terminal): Promise<void> {
  await terminal.write(`${shown(JSON.stringify(value ?? null), terminal)}\n`)
}

/** The rows of an answer that is a list: a page, or a list itself. */
export function rowsOf(answer: unknown): readonly unknown[] | undefined {
  if (Array.isArray(answer)) return answer
  return isRecord(answer) && Array.isArray(answer.data) ? answer.data : undefined
}

/** The cursor of the next page; undefined when there is none. */
export function nextCursorOf(answer: unknown): string | undefined {
  if (!isRecord(answer) || !isRecord(answer.pagination)) return undefined
  const { nextCursor, hasNext } = answer.pagination
  return hasNext === true && typeof nextCursor === 'string' ? nextCursor : undefined
}

async function printRows(rows: readonly unknown[], answer: unknown, terminal: Terminal): Promise<void> {
  if (rows.length === 0) return terminal.say('Nothing found.')
  const columns = columnsOf(rows)
  const cells = rows.map((row) =>
    columns.map(({ title }) => cellOf(isRecord(row) ? row[title] : title === 'value' ? row : undefined)),
  )
  await terminal.write(`${renderTable(columns, cells, widthOf(terminal), colours(terminal.colourOut))}\n`)
  if (nextCursorOf(answer) !== undefined && terminal.errIsTerminal)
    terminal.say(
      colours(terminal.colourErr).dim(
        'There are more: --all, or --cursor with the nextCursor that -o json shows.',
      ),
    )
}

function columnsOf(rows: readonly unknown[]): Column[] {
  const names = new Set(rows.flatMap((row) => (isRecord(row) ? Object.keys(row) : ['value'])))
  const rank = (name: string): number => LAST.indexOf(name)
  return [...names]
    .sort((a, b) => rank(a) - rank(b))
    .map((title) => ({
      title,
      isWhole: title === 'id',
      isNumber: rows.every((row) => isRecord(row) && typeof row[title] === 'number'),
    }))
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string')
    return MOMENT.test(value) ? `${value.slice(0, 10)} ${value.slice(11, 16)}Z` : value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function isDone(answer: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(answer).length === 1 && answer.ok === true
}

/** Programs get the bytes as they are, terminals nothing they would act on. */
function shown(json: string, terminal: Terminal): string {
  return terminal.outIsTerminal ? safeJson(json) : json
}

/** A table in a file or a pipe is as wide as it needs to be. */
function widthOf({ outIsTerminal, columns }: Terminal): number {
  return outIsTerminal ? columns : Number.POSITIVE_INFINITY
}
