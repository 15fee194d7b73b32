import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** What the command line says. */
export interface Options {
  readonly folder: string
  readonly baseUrl: string
  readonly email: string | undefined
  readonly password: string | undefined
  /** The slug of the project that the knowledge base and the tasks belong to. */
  readonly project: string
  /** A file with one question per line; `questions.txt` of the folder unless given. */
  readonly questions: string | undefined
  /** How many of them are asked. */
  readonly count: number
  /** Which model answers, by its id in the catalogue; the server's default unless given. */
  readonly model: string | undefined
  /** Documents sent at once. */
  readonly parallel: number
  /** Whether what the agent asks for is agreed to without asking. */
  readonly yes: boolean
  /** Where to write what was done, as JSON. */
  readonly report: string | undefined
}

const USAGE = `Usage: node ask.ts <folder> [options]

  --base-url <url>     where the server is (http://localhost:4000)
  --email <address>    log in with this account, or register it; without it a new one is made
  --password <text>    its password; or the variable PLINTH_PASSWORD
  --project <slug>     the project for the documents and the tasks (made from the folder's name)
  --questions <file>   one question per line (questions.txt of the folder)
  --count <n>          ask the first so many of them (10)
  --model <id>         who answers, for example openai:gpt-4.1; see plinth models list
  --parallel <n>       documents sent at once, 1–16 (4)
  --yes                agree to what the agent wants to do, without asking
  --report <file>      write answers, citations and tasks to this file, as JSON`

/** Reads the command line. Throws {@link UsageError}. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parse(args)
  const [folder] = positionals
  if (folder === undefined || positionals.length > 1) throw new UsageError(USAGE)
  const baseUrl = values['base-url'] ?? 'http://localhost:4000'
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new UsageError(`--base-url must be an address such as http://localhost:4000, not "${baseUrl}".`)
  }
  const password = values.password ?? process.env.PLINTH_PASSWORD
  if (values.email !== undefined && password === undefined) {
    throw new UsageError('--email needs --password, or the password in the variable PLINTH_PASSWORD.')
  }
  return {
    folder,
    baseUrl,
    email: values.email,
    password,
    project: values.project ?? slugOf(folder),
    questions: values.questions,
    count: wholeNumber('count', values.count ?? '10', 1_000),
    model: values.model,
    parallel: wholeNumber('parallel', values.parallel ?? '4', 16),
    yes: values.yes,
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
        questions: text,
        count: text,
        model: text,
        parallel: text,
        yes: { type: 'boolean', default: false },
        report: text,
      },
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}, not "${text}".`)
}

/** `Road maps 2026/` becomes `road-maps-2026`. */
function slugOf(folder: string): string {
  const slug = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '')
  return slug === '' ? 'documents' : slug
}
