import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate, type OpenDatabaseOptions, openDatabase } from '../../server/src/platform/database/index.ts'
import { prepareBoss } from '../../server/src/platform/jobs/boss.ts'
import type { TestDatabase } from './database.ts'
import { migrationsFingerprint } from './migrations-fingerprint.ts'

/** Any number; taken while the template is prepared. */
const LOCK = 20_261_121

type Settings = Omit<OpenDatabaseOptions, 'url' | 'dataDirectory'>

/** Where the tests find a Postgres server: `TEST_DATABASE_URL`, or this machine's usual one. */
function testServerUrl(): string {
  return process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
}

/** A new database on the server, copied from the prepared template. */
export async function createPostgresDatabase(settings: Settings): Promise<TestDatabase> {
  const name = `plinth_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await withServer(async (client) => {
    const template = await prepareTemplate(client)
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  })
  const database = await openDatabase({ ...settings, url: urlOf(name), dataDirectory: '' })
  return {
    database,
    async drop() {
      await database.close()
      await withServer((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

/** Made under another name and renamed when it is complete, so that a template that exists can be trusted. */
async function prepareTemplate(client: pg.Client): Promise<string> {
  const template = `plinth_template_${await migrationsFingerprint()}`
  await client.query('SELECT pg_advisory_lock($1)', [LOCK])
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (rowCount !== 0) return template
    const draft = `${template}_draft`
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
    await client.query(`CREATE DATABASE ${draft}`)
    await fill(draft)
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`)
    return template
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK])
  }
}

async function fill(name: string): Promise<void> {
  const settings = { poolSize: 1, poolWaitMs: 60_000, statementTimeoutMs: 60_000 }
  const database = await openDatabase({ ...settings, url: urlOf(name), dataDirectory: '' })
  try {
    await migrate(database)
    await prepareBoss(database, console)
  } finally {
    await database.close()
  }
}

function urlOf(name: string): string {
  const url = new URL(testServerUrl())
  url.pathname = `/${name}`
  return url.href
}

async function withServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: testServerUrl(), connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
