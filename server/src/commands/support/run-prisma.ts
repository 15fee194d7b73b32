import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/**
 * Runs Prisma's command line at the top of the repository, with this terminal, and returns its exit code.
 * The address goes by the environment: other users of the machine can read a command line.
 */
export async function runPrisma(args: readonly string[], databaseUrl?: string): Promise<number> {
  const prisma = dirname(createRequire(import.meta.url).resolve('prisma/package.json'))
  // biome-ignore lint/style/noProcessEnv: a child process gets what this one got, and one setting more
  const env = { ...process.env, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) }
  const child = spawn(process.execPath, [join(prisma, 'build/index.js'), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env,
  })
  // Ctrl-C reaches the child by itself; the database has to stay until it is done with it.
  const wait = (): void => undefined
  const forward = (): void => void child.kill('SIGTERM')
  process.on('SIGINT', wait).on('SIGTERM', forward)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 0))
    })
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', forward)
  }
}
