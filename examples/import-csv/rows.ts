import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { split } from './lib/chunks.ts'
import { readRows } from './lib/csv.ts'
import { explain } from './lib/explain.ts'
import { UsageError } from './lib/usage-error.ts'

const USAGE = 'Usage: node rows.ts <file.csv> [--title <column>] [--chunk <rows>]'

/**
 * Prints a CSV file for programs that cannot read one: a line for every hundred rows, with a name for them that depends
 * on nothing but what they say, a tab, and the JSON `{"tasks":[{"title":…,"description":…}]}`.
 */
async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { title: { type: 'string' }, chunk: { type: 'string', default: '100' } },
  })
  const [file] = positionals
  if (file === undefined) throw new UsageError(USAGE)
  const { rows } = await readRows(file, values.title)
  for (const [index, chunk] of split(rows, Number(values.chunk)).entries()) {
    const json = JSON.stringify({ tasks: chunk.map(({ title, description }) => ({ title, description })) })
    const name = createHash('sha256').update(`${index} ${json}`).digest('hex')
    process.stdout.write(`${name}\t${json}\n`)
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}
