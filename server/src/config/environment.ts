import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** The variables of this process, and those of `.env` in the working directory, apart. Changes neither. */
export function readEnvironment(): {
  readonly environment: Record<string, string | undefined>
  readonly file: Record<string, string | undefined>
} {
  return { environment: { ...process.env }, file: readEnvFile() }
}

function readEnvFile(): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
