import { readFile } from 'node:fs/promises'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

/**
 * The JSON a flag names: `@file`, `-` or `@-` for what is piped in, else the text itself.
 * @throws UsageError naming the flag
 */
export async function readJson(flag: string, text: string, terminal: Terminal): Promise<unknown> {
  const source = text === '-' ? '@-' : text
  const json = source.startsWith('@') ? await contentOf(flag, source.slice(1), terminal) : source
  try {
    return JSON.parse(json)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const where = source.startsWith('@') ? ` in ${source === '@-' ? 'standard input' : source.slice(1)}` : ''
    throw new UsageError(`--${flag}: this is not JSON${where} (${why}).`)
  }
}

async function contentOf(flag: string, file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return await terminal.readInput()
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is none' : String(error)
    throw new UsageError(`--${flag}: the file ${file} cannot be read (${why}).`)
  }
}
