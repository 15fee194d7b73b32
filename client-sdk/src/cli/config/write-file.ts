import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { randomKey } from '../../random-key.ts'

/**
 * Writes a file that only its owner can read, all of it or nothing: readers see the old text or the new one, whatever
 * happens in between.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomKey().slice(0, 12)}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // The umask can take rights away that the owner needs.
    await chmod(temporary, 0o600)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
