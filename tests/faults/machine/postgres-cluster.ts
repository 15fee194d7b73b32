import { spawn } from 'node:child_process'
import { chown, mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { freePort } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import { runProgram, serverUser, type User, untilGone } from './run-program.ts'

const START_MS = 30_000

/** A Postgres cluster that nobody else uses, with durable commits. `await using` stops it. */
export interface PostgresCluster extends AsyncDisposable {
  readonly url: string
  /** Asks as superuser, over a connection of its own. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  /** A connection to hold locks with. */
  connect(): Promise<pg.Client>
  /** Stops at once, as in a crash: no checkpoint, connections cut. */
  crash(): Promise<void>
  /** Starts it again; resolves when it takes connections. */
  start(): Promise<void>
}

/** Makes a cluster in `folder` and starts it. */
export async function startPostgres(bin: string, folder: string): Promise<PostgresCluster> {
  const user = await serverUser()
  const data = path.join(folder, 'postgres')
  await mkdir(data, { mode: 0o700 })
  if (user !== undefined) await chown(data, user.uid, user.gid)
  const program = (name: string): string => path.join(bin, name)
  await runProgram(
    program('initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    user,
  )
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '120',
    fsync: 'on',
    synchronous_commit: 'on',
    log_min_messages: 'fatal',
  }
  const args = [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const log = await open(path.join(folder, 'postgres.log'), 'a')
  let child = startServer(program('postgres'), args, log.fd, user)

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'faults',
      connectionTimeoutMillis: 2_000,
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const query = async <Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> => {
    const client = await connect()
    try {
      return (await client.query<Row>(text, values)).rows
    } finally {
      await client.end()
    }
  }
  const ready = (): Promise<true> =>
    until(
      'Postgres takes connections',
      () =>
        query('SELECT 1').then(
          () => true as const,
          () => undefined,
        ),
      START_MS,
    )
  const stop = async (mode: 'fast' | 'immediate'): Promise<void> => {
    await runProgram(program('pg_ctl'), ['stop', '-D', data, '-m', mode, '-w'], user)
    await untilGone(child)
  }
  await ready()
  return {
    url,
    query,
    connect,
    crash: () => stop('immediate'),
    async start() {
      child = startServer(program('postgres'), args, log.fd, user)
      await ready()
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop('immediate')
      await log.close()
    },
  }
}

function startServer(program: string, args: readonly string[], output: number, user: User | undefined) {
  return spawn(program, args, { ...user, cwd: '/', stdio: ['ignore', output, output], env: { LC_ALL: 'C' } })
}
