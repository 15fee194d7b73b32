/** Rows of one shape, to be printed. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** The table in Markdown, with columns of even width; numbers stand on the right. */
export function printTable({ title, columns, rows }: Table): string {
  const cells = rows.map((row) => row.map(String))
  const widths = columns.map((name, index) =>
    Math.max(name.length, 3, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const right = columns.map((_, index) => rows.every((row) => typeof row[index] === 'number'))
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, index) => pad(row[index] ?? '', width, right[index] === true)).join(' | ')} |`
  const rule = widths.map((width, index) =>
    right[index] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  return [title, '', line(columns), line(rule), ...cells.map(line)].join('\n')
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width)
}
