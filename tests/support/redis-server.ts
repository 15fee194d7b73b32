import { type ChildProcess, spawn } from 'node:child_process'
import { Redis } from 'ioredis'
import { findRedisServer } from '../faults/machine/programs.ts'
import { freePort } from './server-process.ts'
import { until } from './until.ts'

/** A Redis of its own that bad things can be done to. `await using` ends it. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** Starts it (again), empty, and waits until it answers. */
  start(...settings: string[]): Promise<void>
  /** SIGKILL, and gone. */
  kill(): Promise<void>
  /** SIGSTOP, or with false SIGCONT: connections stay, nothing answers. */
  freeze(frozen: boolean): void
  /** Runs one command on it. */
  command(name: string, ...args: string[]): Promise<unknown>
}

/** Starts `redis-server` on a free port, with nothing on disk. */
export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const program = findRedisServer()
  if (program === undefined) throw new Error('redis-server is not installed')
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined

  const command = async (name: string, ...args: string[]): Promise<unknown> => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 1_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.call(name, ...args)
    } finally {
      client.disconnect()
    }
  }
  const kill = async (): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }
  const server: RedisServer = {
    url,
    async start(...more) {
      const settled = ['--save', '', '--appendonly', 'no', '--daemonize', 'no', ...settings, ...more]
      child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', ...settled], {
        stdio: 'ignore',
      })
      await until('Redis to answer', () => command('PING').catch(() => undefined), 10_000)
    },
    kill,
    freeze: (frozen) => void child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    command,
    [Symbol.asyncDispose]: kill,
  }
  await server.start()
  return server
}
