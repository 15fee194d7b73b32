import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { PlannedFile } from './plan-module.ts'

/** Writes all files, or none: what was written is taken back when one cannot be. */
export function writeFiles(root: string, files: readonly PlannedFile[]): void {
  const written: PlannedFile[] = []
  try {
    for (const file of files) {
      mkdirSync(path.dirname(path.join(root, file.path)), { recursive: true })
      // A file that somebody made meanwhile is not overwritten.
      writeFileSync(path.join(root, file.path), file.content, {
        flag: file.before === undefined ? 'wx' : 'w',
      })
      written.push(file)
    }
  } catch (error) {
    for (const { path: name, before } of written) {
      const file = path.join(root, name)
      if (before === undefined) rmSync(file, { force: true })
      else writeFileSync(file, before)
    }
    throw error
  }
}
