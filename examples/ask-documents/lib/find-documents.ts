import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from './usage-error.ts'

/** What the server can read. */
const KINDS = new Set(['.pdf', '.docx', '.html', '.htm', '.md', '.txt', '.csv'])
const QUESTIONS = 'questions.txt'

/** The documents in a folder and those below it, as paths in it, in the order of their names. */
export async function findDocuments(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new UsageError(`${folder} cannot be read. Name a folder with documents in it.`)
  })
  const found = entries
    .filter((entry) => entry.isFile() && KINDS.has(path.extname(entry.name).toLowerCase()))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => name !== QUESTIONS)
    .sort()
  if (found.length > 0) return found
  throw new UsageError(`There is no document in ${folder}. The server reads ${[...KINDS].join(', ')}.`)
}

/** The questions to ask: one per line. */
export async function readQuestions(
  folder: string,
  file: string | undefined,
  count: number,
): Promise<string[]> {
  const where = file ?? path.join(folder, QUESTIONS)
  const text = await readFile(where, 'utf8').catch(() => {
    throw new UsageError(
      `${where} cannot be read. Name a file with one question per line: --questions <file>.`,
    )
  })
  const questions = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (questions.length === 0) throw new UsageError(`${where} has no question in it.`)
  return questions.slice(0, count)
}
