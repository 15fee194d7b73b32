import { randomBytes } from 'node:crypto'
import pg from 'pg'

const SERVER_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** A database that nothing else uses; `await using` drops it. */
export interface BenchDatabase extends AsyncDisposable {
  readonly url: string
  readonly client: pg.Client
}

/**
 * Makes an empty database on the server of `TEST_DATABASE_URL`, or this machine's usual one.
 * @throws Error when no server answers
 */
export async function createBenchDatabase(): Promise<BenchDatabase> {
  const name = `plinth_bench_${process.pid}_${randomBytes(4).toString('hex')}`
  await onServer((client) => client.query(`CREATE DATABASE ${name}`))
  const url = new URL(SERVER_URL)
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  return {
    url: url.href,
    client,
    async [Symbol.asyncDispose]() {
      await client.end()
      await onServer((server) => server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

/** For example "PostgreSQL 15.8". */
export async function databaseVersion(): Promise<string> {
  try {
    const { rows } = await onServer((client) =>
      client.query<{ server_version: string }>('SHOW server_version'),
    )
    return `PostgreSQL ${rows[0]?.server_version.split(' ')[0] ?? '?'}`
  } catch {
    return 'no PostgreSQL server'
  }
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: SERVER_URL, connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
  } catch (cause) {
    throw new Error('This bench needs a PostgreSQL server; start one or set TEST_DATABASE_URL.', { cause })
  }
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
