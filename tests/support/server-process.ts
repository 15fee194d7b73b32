import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { copyTemplate } from './embedded-database.ts'
import { until } from './until.ts'

const MAIN = path.join(import.meta.dirname, '../../server/src/main.ts')
/** The first start makes a database; a busy machine may need many times the usual two seconds. */
const START_MS = 110_000
const STOP_MS = 30_000

/** Cheap hashing, and no refusals because a machine that is busy with tests is late. */
const QUICK = { NODE_ENV: 'test', BCRYPT_COST: '4', LOG_FORMAT: 'json', MAX_LOOP_DELAY_MS: '10000' }

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A server in a process of its own. `await using` ends it. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number
  /** Everything it has printed so far, on both streams. */
  output(): string
  readonly ended: Promise<Ending>
  /** Sends `signal` and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ending>
}

/** Starts `node server/src/main.ts` with nothing but these variables, in an empty folder; does not wait. */
export function spawnServer(variables: Record<string, string>, cwd = tmpdir(), main = MAIN): ServerProcess {
  const child = spawn(process.execPath, [main], {
    cwd,
    env: { PATH: process.env.PATH, ...QUICK, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return watch(child)
}

/** A started server on a port and a folder that stay the same when it is started again. */
export interface Site extends AsyncDisposable {
  readonly baseUrl: string
  readonly port: number
  readonly dataDirectory: string
  /** The running process. */
  current(): ServerProcess
  /** Starts a server and waits until it is ready; `more` variables are for this start only. */
  start(more?: Record<string, string>): Promise<ServerProcess>
}

/** Where a server begins. */
export interface SiteOptions {
  /** Another one than this repository's. */
  readonly main?: string
  /** In an empty folder, as a newcomer's first start; else its embedded database is a copy of one prepared once. */
  readonly empty?: boolean
}

/** Reserves a place for a server and starts it there. */
export async function openSite(
  variables: Record<string, string> = {},
  { main = MAIN, empty = main !== MAIN || variables.DATABASE_URL !== undefined }: SiteOptions = {},
): Promise<Site> {
  const dataDirectory = empty ? await mkdtemp(path.join(tmpdir(), 'plinth-e2e-')) : await copyTemplate()
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  let current: ServerProcess | undefined
  const site: Site = {
    baseUrl,
    port,
    dataDirectory,
    current() {
      if (current === undefined) throw new Error('No server was started here')
      return current
    },
    async start(more = {}) {
      const place = { PLINTH_DATA: dataDirectory, PORT: String(port) }
      current = spawnServer({ ...place, ...variables, ...more }, dataDirectory, main)
      await ready(current, baseUrl)
      return current
    },
    async [Symbol.asyncDispose]() {
      await current?.[Symbol.asyncDispose]()
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 })
    },
  }
  try {
    await site.start()
    return site
  } catch (error) {
    await site[Symbol.asyncDispose]()
    throw error
  }
}

/** Waits until `/readyz` says 200. @throws Error with what the process printed when it ends or the time is up */
async function ready(server: ServerProcess, baseUrl: string): Promise<void> {
  let over: Ending | undefined
  void server.ended.then((ending) => {
    over = ending
  })
  await until(
    `${baseUrl}/readyz is 200`,
    async () => {
      if (over !== undefined)
        throw new Error(`The server ended (${JSON.stringify(over)}):\n${server.output()}`)
      const response = await fetch(`${baseUrl}/readyz`).catch(() => undefined)
      await response?.body?.cancel()
      return response?.status === 200 ? true : undefined
    },
    START_MS,
  )
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('The probe got no port')
  return address.port
}

function watch(child: ChildProcess): ServerProcess {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      output += text
    })
  }
  // `exit`, not `close`: the database host inherits the streams and may live a moment longer.
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  let over = false
  void ended.then(() => {
    over = true
  })
  const stop = async (signal: NodeJS.Signals): Promise<Ending> => {
    if (!over) child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    const ending = await ended
    clearTimeout(timer)
    return ending
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGTERM')
    },
  }
}
