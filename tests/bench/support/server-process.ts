import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 30_000
const POLL_MS = 20
/** For programs that do not read PORT from their environment. */
export const PORT_HERE = '{port}'

/** A server in a process of its own; `await using` ends it. */
export interface ServerProcess extends AsyncDisposable {
  readonly baseUrl: string
  readonly child: ChildProcess
  /** From the start of the process to its first good answer, in milliseconds. */
  readonly startedInMs: number
}

/** How to start one. */
export interface ServerProcessOptions {
  /** Another program than this Node. */
  readonly command?: string
  /** Its arguments, the script among them; PORT_HERE stands for the port. */
  readonly args: readonly string[]
  /** Beside PATH, HOME and PORT, everything the process finds in its environment. */
  readonly env: Readonly<Record<string, string>>
  /** A path that answers 200 once the server is ready. */
  readonly readyPath: string
  /** Opens a channel to the process for `child.send`. */
  readonly ipc?: boolean
}

/**
 * Starts a server on a free port, in an empty folder, its output going to a file as under a supervisor.
 * @throws Error with the server's output when it does not come up
 */
export async function startProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const port = await freePort()
  const folder = mkdtempSync(path.join(tmpdir(), 'plinth-bench-'))
  const logFile = path.join(folder, 'output')
  const output = openSync(logFile, 'a')
  const started = performance.now()
  const child = spawn(
    options.command ?? process.execPath,
    options.args.map((text) => text.replace(PORT_HERE, String(port))),
    {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), ...options.env },
      stdio: ['ignore', output, output, ...(options.ipc === true ? (['ipc'] as const) : [])],
    },
  )
  closeSync(output)
  const baseUrl = `http://127.0.0.1:${port}`
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    await untilReady(child, `${baseUrl}${options.readyPath}`)
  } catch (cause) {
    const lines = readFileSync(logFile, 'utf8').slice(-4_000)
    child.kill('SIGKILL')
    remove()
    throw new Error(`The server did not come up:\n${lines}`, { cause })
  }
  return {
    baseUrl,
    child,
    startedInMs: performance.now() - started,
    async [Symbol.asyncDispose]() {
      await stopProcess(child)
      remove()
    },
  }
}

/**
 * Waits until `url` answers 200.
 * @throws Error when the process ends first or a minute has passed
 */
export async function untilReady(child: ChildProcess, url: string, limitMs = START_LIMIT_MS): Promise<void> {
  const deadline = performance.now() + limitMs
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The process ended with code ${child.exitCode}.`)
    const status = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.arrayBuffer()
        return response.status
      },
      () => 0,
    )
    if (status === 200) return
    await delay(POLL_MS)
  }
  throw new Error(`${url} did not answer 200 within ${limitMs / 1_000} s.`)
}

/** Asks the process to end, and ends it when it does not. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  child.kill(signal)
  await gone
  clearTimeout(deadline)
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port was given')
  return address.port
}
