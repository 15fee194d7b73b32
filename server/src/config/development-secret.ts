import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The secret kept under the data directory when none is configured; made on first use, readable by its owner only. */
export function developmentSecret(dataDirectory: string): string {
  const file = path.join(dataDirectory, 'secret')
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  try {
    // `wx`: of two processes that start at once, one writes and both read the same.
    writeFileSync(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
