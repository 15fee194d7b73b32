import { execFile } from 'node:child_process'
import { copyFile, mkdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { until } from './until.ts'

const root = path.join(import.meta.dirname, '../..')
const LOCK = path.join(root, 'client-sdk/node_modules/.pack-lock')
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
 * Packs `@plinth/client` as `pnpm --filter @plinth/client pack` does and puts the tarball at `destination`. One at a
 * time: packing empties and fills the package's `dist`, and test files run side by side.
 */
export async function packSdk(destination: string): Promise<void> {
  await withLock(() =>
    run('pnpm', ['--filter', '@plinth/client', 'pack', '--out', `${destination}.new`], root),
  )
  await copyFile(`${destination}.new`, destination)
  await rm(`${destination}.new`)
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
