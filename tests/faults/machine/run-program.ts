import { type ChildProcess, execFile } from 'node:child_process'
import { promisify } from 'node:util'

const LIMIT_MS = 60_000

/** Who a program runs as; `initdb` and `postgres` refuse to run as root. */
export interface User {
  readonly uid: number
  readonly gid: number
}

/** The user that servers are run as: `postgres` when this process is root, else undefined: the user of this process. */
export async function serverUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const id = async (option: string): Promise<number> => Number(await runProgram('id', [option, 'postgres']))
  return { uid: await id('-u'), gid: await id('-g') }
}

/** Runs a program to its end. @returns what it printed @throws Error with the output when it fails */
export async function runProgram(program: string, args: readonly string[], user?: User): Promise<string> {
  try {
    const options = { ...user, timeout: LIMIT_MS, env: { PATH: process.env.PATH, LC_ALL: 'C' } }
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    throw new Error(`${program} ${args.join(' ')} failed: ${said}`, { cause: error })
  }
}

/** Waits until the process is gone; one that is gone already counts. */
export async function untilGone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}
