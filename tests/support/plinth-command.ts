import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { packSdk, run } from './packed-sdk.ts'
import { until } from './until.ts'

const SDK = path.join(import.meta.dirname, '../../client-sdk')
const LIMIT_MS = 60_000

/** How a command ended and what it printed. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** What it printed on stdout, as JSON. @throws SyntaxError */
  json(): unknown
  /** The lines of stdout, as JSON each. */
  rows(): unknown[]
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  out(): string
  err(): string
  /** Types into it. */
  type(text: string): void
  /** Waits until it has printed this, on either stream. */
  says(text: string): Promise<void>
  readonly ended: Promise<Ran>
}

/** How a command is run. */
export interface RunOptions {
  readonly input?: string
  readonly env?: Record<string, string>
}

/** Somebody's machine: their profiles and what is kept on disk. */
export interface Home {
  readonly directory: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  start(args: readonly string[], options?: RunOptions): Running
  /** Runs it on a pseudo-terminal, as a person would. Both streams come as one. */
  onTerminal(args: readonly string[], options?: RunOptions): Running
  /** Runs a line of bash, in which `plinth` is the command. */
  bash(line: string): Promise<Ran>
}

/** `plinth` as users have it. `await using` removes it. */
export interface PlinthCommand extends AsyncDisposable {
  /** A machine on which nobody has logged in. */
  home(baseUrl: string): Promise<Home>
}

/** Packs the SDK and unpacks it elsewhere, its dependencies linked. */
export async function installPlinth(): Promise<PlinthCommand> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-command-'))
  await packSdk(path.join(folder, 'client.tgz'))
  await run('tar', ['xzf', 'client.tgz'], folder)
  await symlink(path.join(SDK, 'node_modules'), path.join(folder, 'package/node_modules'))
  const bin = path.join(folder, 'bin')
  await mkdir(bin)
  await symlink(path.join(folder, 'package/dist/cli/main.js'), path.join(bin, 'plinth'))
  let homes = 0
  return {
    async home(baseUrl) {
      homes += 1
      const directory = path.join(folder, `home-${homes}`)
      await mkdir(directory)
      return openHome(directory, bin, baseUrl)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

function openHome(directory: string, bin: string, baseUrl: string): Home {
  const begin = (program: string, args: readonly string[], options: RunOptions): Running => {
    const env = {
      PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
      HOME: directory,
      XDG_CONFIG_HOME: path.join(directory, 'config'),
      XDG_CACHE_HOME: path.join(directory, 'cache'),
      PLINTH_BASE_URL: baseUrl,
      LANG: 'C.UTF-8',
      ...options.env,
    }
    return watch(spawn(program, [...args], { env, cwd: directory }), options.input)
  }
  return {
    directory,
    run: (args, options = {}) => begin('plinth', args, { input: '', ...options }).ended,
    start: (args, options = {}) => begin('plinth', args, options),
    onTerminal(args, options = {}) {
      const line = ['plinth', ...args].map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ')
      const env = { TERM: 'xterm', SHELL: '/bin/sh', ...options.env }
      return begin('script', ['-qefc', `stty cols 100 rows 40; ${line}`, '/dev/null'], { ...options, env })
    },
    bash: (line) => begin('bash', ['--norc', '-c', line], { input: '' }).ended,
  }
}

function watch(child: ChildProcess, input: string | undefined): Running {
  const printed = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed.out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed.err += text
  })
  child.stdin?.on('error', () => undefined)
  if (input !== undefined) child.stdin?.end(input)
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      const { out, err } = printed
      const rows = (): unknown[] =>
        out
          .split('\n')
          .filter((line) => line !== '')
          .map((line): unknown => JSON.parse(line))
      resolve({ code, out, err, json: (): unknown => JSON.parse(out), rows })
    })
  })
  return {
    child,
    out: () => printed.out,
    err: () => printed.err,
    type: (text) => child.stdin?.write(text),
    async says(text) {
      const isThere = (): true | undefined =>
        printed.out.includes(text) || printed.err.includes(text) ? true : undefined
      await until(`“${text}” in ${JSON.stringify(printed)}`, isThere, LIMIT_MS)
    },
    ended,
  }
}

/** Logs somebody in, as a script does. */
export async function logInWith(
  home: Home,
  email: string,
  password: string,
  more: readonly string[] = [],
): Promise<void> {
  const { code, err } = await home.run(['login', '--email', email, '--password-stdin', ...more], {
    input: `${password}\n`,
  })
  if (code !== 0) throw new Error(`plinth login failed (${code}): ${err}`)
}
