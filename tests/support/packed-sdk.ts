import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, glob, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { until } from './until.ts'

const root = path.join(import.meta.dirname, '../..')
const LOCK = path.join(root, 'client-sdk/node_modules/.pack-lock')
/** Of this user alone: what lies there is run. */
const SHELF = path.join(tmpdir(), `plinth-test-packages-${userInfo().uid}`)
const STALE_MS = 120_000

/** Runs a program to its end and gives back what it printed. @throws Error with the output when it fails */
export async function run(program: string, args: string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd,
      timeout: 180_000,
      maxBuffer: 16 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    const printed = error instanceof Error && 'stdout' in error ? `${error.stdout}\n` : ''
    throw new Error(`${program} ${args.join(' ')} failed:\n${printed}${error}`, { cause: error })
  }
}

/**
 * Packs `@plinth/client` as `pnpm --filter @plinth/client pack` does and puts the tarball at `destination`. Packed once
 * for what is in it now, and one at a time: packing empties and fills the package's `dist`, and test files run side by
 * side.
 */
export async function packSdk(destination: string): Promise<void> {
  const packed = path.join(SHELF, `${await contentsFingerprint()}.tgz`)
  await withLock(async () => {
    if (existsSync(packed)) return
    await mkdir(SHELF, { recursive: true, mode: 0o700 })
    await run('pnpm', ['--filter', '@plinth/client', 'pack', '--out', `${packed}.new`], root)
    await rename(`${packed}.new`, packed)
  })
  await copyFile(packed, destination)
}

/** Changes with every file that goes into the package, or into how it is built. */
async function contentsFingerprint(): Promise<string> {
  const files = ['tsconfig.base.json', 'pnpm-lock.yaml', 'client-sdk/{src,scripts}/**/*.*', 'client-sdk/*.*']
  const hash = createHash('sha256')
  for await (const file of glob(files, { cwd: root })) {
    hash.update(`${file}\n`).update(await readFile(path.join(root, file)))
  }
  return hash.digest('hex').slice(0, 12)
}

async function withLock<T>(work: () => Promise<T>): Promise<T> {
  await until('nobody else packs the SDK', takeLock, STALE_MS)
  try {
    return await work()
  } finally {
    await rm(LOCK, { recursive: true, force: true })
  }
}

async function takeLock(): Promise<true | undefined> {
  try {
    await mkdir(LOCK)
    return true
  } catch {
    const since = await stat(LOCK).catch(() => undefined)
    if (since !== undefined && Date.now() - since.mtimeMs > STALE_MS)
      await rm(LOCK, { recursive: true, force: true })
    return undefined
  }
}
