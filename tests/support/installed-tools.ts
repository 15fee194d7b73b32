import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run } from './packed-sdk.ts'

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/plinth-tools')

/**
 * Programs that only a test uses and that would make every installation larger: pinned `packages` from the npm registry,
 * installed once into a folder of their own.
 * @param packages for example `['openapi-typescript@7.13.0']`
 * @returns the folder whose `node_modules` has them
 */
export async function installTools(packages: readonly string[]): Promise<string> {
  const folder = path.join(CACHE, createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 16))
  if (existsSync(folder)) return folder
  const building = `${folder}.${process.pid}`
  await mkdir(building, { recursive: true })
  await writeFile(path.join(building, 'package.json'), '{"private":true}')
  await run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...packages],
    building,
  )
  // Another test file may have been quicker.
  await rename(building, folder).catch(() => rm(building, { recursive: true, force: true }))
  return folder
}
