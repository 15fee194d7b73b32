import type { Answer } from './http.ts'
import { leakOf } from './leak.ts'

/** Longer texts make a URL of more than 8 KiB. */
const LONGEST_IN_A_URL = 5_000

/** What came of many inputs; all but the first three must stay zero. */
export interface Figures {
  inputs: number
  stored: number
  refused: number
  /** Answers of 500 and above. */
  serverErrors: number
  leaks: number
  /** Refused without saying which field. */
  unnamed: number
  /** Accepted and given back as something else. */
  changed: number
  /** Accepted although nothing of the kind can be right. */
  wronglyAccepted: number
}

/** A count that has not begun. */
export function newFigures(): Figures {
  return {
    inputs: 0,
    stored: 0,
    refused: 0,
    serverErrors: 0,
    leaks: 0,
    unnamed: 0,
    changed: 0,
    wronglyAccepted: 0,
  }
}

/** One answer to one input. */
export interface Judged {
  readonly answer: Answer
  /** The text that was sent and may come back. */
  readonly sent: string
  /** The field it was sent in. */
  readonly name: string
  readonly tokens: boolean
}

/** Counts an answer; the first of each bad kind is written out, so that a red test says what to look at. */
export function judge(figures: Figures, { answer, sent, name, tokens }: Judged): void {
  figures.inputs += 1
  const bad = (kind: 'serverErrors' | 'leaks' | 'unnamed'): void => {
    figures[kind] += 1
    if (figures[kind] > 5) return
    process.stderr.write(
      `${kind}: ${name} = ${JSON.stringify(sent).slice(0, 200)}: ${answer.text.slice(0, 500)}\n`,
    )
  }
  if (answer.status >= 500) bad('serverErrors')
  const echoed = [sent, sent.normalize('NFKC').toLowerCase(), sent.slice(0, 100)]
  if (leakOf(answer.text, { echoed, ...(tokens ? { tokens: true } : {}) }) !== undefined) bad('leaks')
  if (answer.status !== 400) return
  figures.refused += 1
  // The whole URL was refused before anybody looked at its fields.
  if (sent.length > LONGEST_IN_A_URL) return
  const issues = answer.error?.issues ?? []
  const named = issues.some(
    ({ field }) => field === name || field.startsWith(`${name}.`) || name.startsWith(field),
  )
  // The secret of a link is refused as a whole: which part of it is wrong is nobody's business.
  if (!named && answer.error?.reason !== 'TOKEN_INVALID') bad('unnamed')
}

/** One line, computed. */
export function printFigures(title: string, figures: Figures): void {
  const words = Object.entries(figures).map(
    ([name, count]) => `${count} ${name.replaceAll(/[A-Z]/g, ' $&').toLowerCase()}`,
  )
  process.stdout.write(`${title}: ${words.join(', ')}\n`)
}
