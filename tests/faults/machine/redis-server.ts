import { type ChildProcess, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import { untilGone } from './run-program.ts'

const START_MS = 10_000

/** A Redis that nobody else uses and that keeps nothing on disk. `await using` stops it. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** Sends one command over a connection of its own. */
  command(name: string, ...args: string[]): Promise<unknown>
  /** `SIGKILL` ends it with all it holds; `SIGSTOP` freezes it, `SIGCONT` lets it go on. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Starts an empty one on the same port; resolves when it answers. */
  start(): Promise<void>
}

/** Starts a Redis whose log is in `folder`. */
export async function startRedis(program: string, folder: string): Promise<RedisServer> {
  const port = await freePort()
  const log = await open(path.join(folder, 'redis.log'), 'a')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const startServer = (): ChildProcess =>
    spawn(program, args, { cwd: folder, stdio: ['ignore', log.fd, log.fd] })
  let child = startServer()

  const command = async (name: string, ...rest: string[]): Promise<unknown> => {
    const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.call(name, ...rest)
    } finally {
      client.disconnect()
    }
  }
  const ready = (): Promise<true> =>
    until(
      'Redis answers',
      () =>
        command('PING').then(
          () => true as const,
          () => undefined,
        ),
      START_MS,
    )
  await ready()
  return {
    url: `redis://127.0.0.1:${port}`,
    command,
    async signal(signal) {
      child.kill(signal)
      if (signal === 'SIGKILL') await untilGone(child)
    },
    async start() {
      child = startServer()
      await ready()
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      await untilGone(child)
      await log.close()
    },
  }
}
