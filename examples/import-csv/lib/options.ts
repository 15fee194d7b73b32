import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** What the command line says. */
export interface Options {
  readonly file: string
  readonly baseUrl: string
  /** The column with the titles; found by itself when undefined. */
  readonly title: string | undefined
  readonly email: string | undefined
  readonly password: string | undefined
  /** The slug of the project. */
  readonly project: string
  /** Rows in one request, 1–1,000. */
  readonly chunk: number
  /** Where to write what was imported, as JSON. */
  readonly report: string | undefined
}

const USAGE = `Usage: node import.ts <file.csv> [options]

  --base-url <url>     where the server is (http://localhost:4000)
  --email <address>    log in with this account, or register it; without it a new one is made
  --password <text>    its password; or the variable PLINTH_PASSWORD
  --project <slug>     the project to import into (made from the file's name)
  --title <column>     the column with the titles
  --chunk <rows>       rows in one request, 1–1000 (25)
  --report <file>      write the ids of tasks and events to this file, as JSON`

/** Reads the command line. Throws {@link UsageError}. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parse(args)
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw new UsageError(USAGE)
  const baseUrl = values['base-url'] ?? 'http://localhost:4000'
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new UsageError(`--base-url must be an address such as http://localhost:4000, not "${baseUrl}".`)
  }
  const password = values.password ?? process.env.PLINTH_PASSWORD
  if (values.email !== undefined && password === undefined) {
    throw new UsageError('--email needs --password, or the password in the variable PLINTH_PASSWORD.')
  }
  return {
    file,
    baseUrl,
    title: values.title,
    email: values.email,
    password,
    project: values.project ?? slugOf(file),
    chunk: chunkOf(values.chunk ?? '25'),
    report: values.report,
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'base-url': text,
        email: text,
        password: text,
        project: text,
        title: text,
        chunk: text,
        report: text,
      },
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

function chunkOf(text: string): number {
  const rows = Number(text)
  if (Number.isInteger(rows) && rows >= 1 && rows <= 1_000) return rows
  throw new UsageError(`--chunk must be a whole number from 1 to 1000, not "${text}".`)
}

/** `Road map 2026.csv` becomes `road-map-2026`. */
function slugOf(file: string): string {
  const name = basename(file, '.csv').toLowerCase()
  const slug = name
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '')
  return slug === '' ? 'import' : slug
}
