import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

/**
 * Runs the script of an installed tool at the top of the repository, with this terminal, and returns its exit code.
 * Secrets go by `variables`: other users of the machine can read a command line.
 */
export async function runTool(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    // biome-ignore lint/style/noProcessEnv: a child process gets what this one got, and some settings more
    env: { ...process.env, ...variables },
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
