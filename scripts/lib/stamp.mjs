import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withSetupLock } from './lock.mjs'
import { ROOT } from './paths.mjs'

/**
 * Runs `work` unless it ran before on the same content. The stamp is dropped first and written last, so that an
 * interrupted run is repeated. One start at a time does the work; the others wait and find it done.
 *
 * @param {{ stamp: string, inputs: string[], salt?: string, work: () => Promise<void> }} job
 * `stamp` and `inputs` are paths from the repository's top; an input that does not exist counts as empty
 */
export async function whenChanged({ stamp, inputs, salt = '', work }) {
  const file = join(ROOT, stamp)
  const wanted = await digest(inputs, salt)
  const isDone = async () => (await readFile(file, 'utf8').catch(() => '')) === wanted
  if (await isDone()) return
  await withSetupLock(async () => {
    if (await isDone()) return
    await rm(file, { force: true })
    await work()
    await writeFile(file, wanted)
  })
}

/**
 * @param {string[]} inputs
 * @param {string} salt
 */
async function digest(inputs, salt) {
  const hash = createHash('sha256').update(salt)
  for (const input of inputs) {
    hash.update(`\0${input}\0`).update(await readFile(join(ROOT, input)).catch(() => ''))
  }
  return hash.digest('hex')
}
