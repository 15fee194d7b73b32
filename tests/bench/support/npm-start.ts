import { spawn } from 'node:child_process'
import path from 'node:path'
import { REPOSITORY } from './paths.ts'
import { freePort, stopProcess, untilReady } from './server-process.ts'

/** A cold start downloads everything. */
const START_LIMIT_MS = 300_000

/** One `npm start`. */
export interface NpmStartOptions {
  readonly checkout: string
  /** PLINTH_DATA */
  readonly data: string
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * Runs `npm start` in `checkout` as a user would, until it is ready, then ends it with Ctrl-C's signal.
 * @returns milliseconds from the command to /readyz 200
 * @throws Error with its output when it does not come up
 */
export async function npmStart({ checkout, data, variables }: NpmStartOptions): Promise<number> {
  const port = await freePort()
  const started = performance.now()
  const child = spawn('npm', ['start'], {
    cwd: checkout,
    env: { ...environment(), ...variables, PORT: String(port), PLINTH_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: unknown) => {
    output = (output + String(chunk)).slice(-4_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  try {
    await untilReady(child, `http://127.0.0.1:${port}/readyz`, START_LIMIT_MS)
    return performance.now() - started
  } catch (cause) {
    throw new Error(`npm start did not come up:\n${output}`, { cause })
  } finally {
    await stopProcess(child, 'SIGINT')
  }
}

/**
 * This process's environment without what the npm and the launcher that started the bench have added to it: their
 * place, and the tools of this checkout.
 */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_)/.test(name) && name !== 'npm_config_local_prefix' && name !== 'INIT_CWD',
  )
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const outside = folders.filter((folder) => !folder.startsWith(REPOSITORY + path.sep))
  return { ...Object.fromEntries(kept), PATH: outside.join(path.delimiter) }
}
