import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { untilGone } from './run-program.ts'

const MAIN = path.join(import.meta.dirname, '../../../server/src/main.ts')
const START_MS = 60_000
/** What an orchestrator usually grants between SIGTERM and SIGKILL. */
const STOP_MS = 30_000
const RESTART_PAUSE_MS = 100

/** How a process is started. */
export interface MemberOptions {
  readonly name: string
  readonly role: 'api' | 'worker'
  /** Where an API process listens; a worker has none. */
  readonly port: number | undefined
  readonly folder: string
  readonly variables: Readonly<Record<string, string>>
}

/** One process of the server under a supervisor that starts it again whenever it ends. */
export interface Member {
  readonly name: string
  readonly role: 'api' | 'worker'
  readonly baseUrl: string | undefined
  pid(): number
  /** Starts it; resolves when it is ready. */
  start(): Promise<void>
  /** Ends it without a word; the supervisor starts the next one. */
  kill(): void
  /** Freezes it, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** SIGTERM, the end, a new process, ready. @returns how long each half took, in milliseconds */
  restart(): Promise<{ readonly stoppedInMs: number; readonly startedInMs: number }>
  /** Resolves when the process that runs now is ready. */
  ready(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
  /** How it ended without being told, or otherwise than by code 0 after SIGTERM, since this was last asked. */
  takeUnexpectedEnds(): string[]
  /** Lines of its log that speak of a mistake, since this was last asked. */
  takeErrorLines(): string[]
}

/** A process as a deployment runs it. Does nothing before `start`. */
export function createMember(options: MemberOptions): Member {
  const { name, role, port, folder } = options
  const logFile = path.join(folder, `${name}.log`)
  const baseUrl = port === undefined ? undefined : `http://127.0.0.1:${port}`
  const unexpected: string[] = []
  let child: ChildProcess | undefined
  /** Where the log of the running process begins. */
  let logStart = 0
  let logRead = 0
  let expected: 'nothing' | 'kill' | 'stop' = 'nothing'
  let supervised = true

  const current = (): ChildProcess => {
    if (child === undefined) throw new Error(`${name} was not started`)
    return child
  }
  const spawnOne = (): void => {
    const output = openSync(logFile, 'a')
    logStart = statSync(logFile).size
    const started = spawn(process.execPath, [MAIN, '--role', role], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        ...options.variables,
        ...(port === undefined ? {} : { PORT: String(port) }),
      },
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    child = started
    expected = 'nothing'
    started.once('exit', (code, signal) => {
      const asked = (expected === 'stop' && code === 0) || (expected === 'kill' && signal === 'SIGKILL')
      if (!asked) unexpected.push(`${name} ended by itself (code ${code}, signal ${signal})`)
      if (supervised && expected !== 'stop') void delay(RESTART_PAUSE_MS).then(() => supervised && spawnOne())
    })
  }
  const logOf = (from: number): string => readFileSync(logFile).subarray(from).toString('utf8')
  const isReady = async (): Promise<true | undefined> => {
    // One that was told to end says "ready" in its log still.
    if (expected !== 'nothing' || current().exitCode !== null) return undefined
    if (baseUrl === undefined) return logOf(logStart).includes('"message":"ready"') ? true : undefined
    const answer = await fetch(`${baseUrl}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    return answer?.status === 200 ? true : undefined
  }
  const ready = async (): Promise<void> => {
    await until(`${name} is ready`, isReady, START_MS).catch((error: unknown) => {
      throw new Error(`${error}\n${logOf(logStart).slice(-4_000)}`, { cause: error })
    })
  }
  const terminate = async (): Promise<void> => {
    const ending = current()
    expected = 'stop'
    ending.kill('SIGTERM')
    const timer = setTimeout(() => ending.kill('SIGKILL'), STOP_MS)
    await untilGone(ending)
    clearTimeout(timer)
  }
  return {
    name,
    role,
    baseUrl,
    pid: () => current().pid ?? 0,
    async start() {
      spawnOne()
      await ready()
    },
    kill() {
      expected = 'kill'
      current().kill('SIGKILL')
    },
    signal: (signal) => void current().kill(signal),
    async restart() {
      const asked = performance.now()
      await terminate()
      const ended = performance.now()
      spawnOne()
      await ready()
      return { stoppedInMs: ended - asked, startedInMs: performance.now() - ended }
    },
    ready,
    async stop() {
      supervised = false
      if (child === undefined) return
      child.kill('SIGCONT')
      await terminate()
    },
    takeUnexpectedEnds: () => unexpected.splice(0),
    takeErrorLines() {
      const text = logOf(logRead)
      logRead += Buffer.byteLength(text)
      return text.split('\n').filter((line) => isErrorLine(line))
    },
  }
}

/** What a process did that it should not have, since this was last asked. */
export function complaintsOf(member: Member): string[] {
  const lines = member.takeErrorLines().map((line) => `${member.name} wrote: ${line.slice(0, 500)}`)
  return [...member.takeUnexpectedEnds(), ...lines]
}

/** The log's own errors, and whatever Node prints when something escapes it. */
function isErrorLine(line: string): boolean {
  if (line.startsWith('{')) return line.includes('"level":"error"')
  return line !== '' && !/ExperimentalWarning|--trace-warnings/.test(line)
}
