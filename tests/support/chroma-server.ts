import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './server-process.ts'
import { until } from './until.ts'

const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.resolve('chromadb'))), 'cli.mjs')

/** A Chroma of its own that bad things can be done to. `await using` ends it. */
export interface ChromaServer extends AsyncDisposable {
  readonly url: string
  /** SIGKILL, and gone. What it wrote stays. */
  kill(): Promise<void>
  /** Starts it again on what it wrote. */
  start(): Promise<void>
  /** SIGSTOP, or with false SIGCONT: connections stay, nothing answers. */
  freeze(frozen: boolean): void
}

/** Starts the real server, as npm has it, on a free port. */
export async function startChroma(): Promise<ChromaServer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'plinth-chroma-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined

  const server: ChromaServer = {
    url,
    async start() {
      const options = ['run', '--path', directory, '--host', '127.0.0.1', '--port', String(port)]
      child = spawn(process.execPath, [PROGRAM, ...options], { stdio: 'ignore' })
      await until('Chroma to answer', () => answers(`${url}/api/v2/heartbeat`), 30_000)
    },
    async kill() {
      const running = child
      child = undefined
      if (running === undefined || running.exitCode !== null) return
      const ended = once(running, 'exit')
      running.kill('SIGKILL')
      await ended
    },
    freeze: (frozen) => void child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    async [Symbol.asyncDispose]() {
      await server.kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(url).catch(() => undefined)
  return response?.ok === true ? true : undefined
}
