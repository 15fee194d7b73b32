import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Application, createApplication, type Overrides } from '../../server/src/app.ts'
import type { Config } from '../../server/src/config/index.ts'
import { type Database, openDatabase } from '../../server/src/platform/database/index.ts'
import { createHttpServer, type Patience } from '../../server/src/surfaces/http/server.ts'
import { testConfig } from './config.ts'
import { createTestDatabase, databaseKind, type TestDatabase, type TestDatabaseOptions } from './database.ts'
import { collectMails, type MailBox } from './mail-box.ts'

/** A whole server on a free port over a database of its own; `await using` stops it and drops the database. */
export interface TestServer extends AsyncDisposable {
  readonly baseUrl: string
  readonly app: Application
  readonly config: Config
  readonly database: Database
  readonly mails: MailBox
  /** How many connections it has. */
  connections(): Promise<number>
}

/** What a test changes about the server. */
export interface TestServerOptions {
  readonly variables?: Record<string, string>
  readonly overrides?: Overrides
  /** The database connections, where a test is about them. */
  readonly pool?: { readonly size: number; readonly waitMs: number; readonly waiting: number }
  /** Where notifications of other processes come from, instead of the database itself. */
  readonly listenTo?: string
  /** Another process of this server, on its Postgres database. */
  readonly beside?: TestServer
  /** How long the server waits for slow clients. */
  readonly patience?: Patience
}

/** Starts a server as `serve.ts` does, in this process, with mails collected instead of sent. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const files = await mkdtemp(path.join(tmpdir(), 'plinth-files-'))
  const config = testConfig({ STORAGE_DIRECTORY: files, ...options.variables })
  const { database, drop } =
    options.beside === undefined
      ? await createTestDatabase(databaseKind(), poolSettings(options))
      : await openBeside(options.beside.database)
  const mails = collectMails()
  // A test that names an SMTP server wants its mails there.
  const collected = config.smtpUrl === undefined ? { mailTransport: mails.transport } : {}
  const listened =
    options.listenTo === undefined ? database : { ...database, connectionString: options.listenTo }
  const app = createApplication(config, listened, {
    // What runs by the clock would come between a test and what it looks at.
    schedules: false,
    ...collected,
    ...options.overrides,
  })
  await app.start()
  const server = createHttpServer(app.http, {
    maxConnections: config.maxConnections,
    uploadTimeoutMs: config.uploadTimeoutMs,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  })
  const port = await server.listen(0, '127.0.0.1')
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    app,
    config,
    database,
    mails,
    connections: () => server.connections(),
    async [Symbol.asyncDispose]() {
      await server.drain(2_000)
      await app.close()
      await drop()
      await rm(files, { recursive: true, force: true })
    },
  }
}

async function openBeside({ connectionString }: Database): Promise<TestDatabase> {
  const settings = { poolSize: 10, poolWaitMs: 10_000, statementTimeoutMs: 10_000 }
  const database = await openDatabase({ ...settings, url: connectionString, dataDirectory: '' })
  return { database, drop: () => database.close() }
}

function poolSettings({ pool }: TestServerOptions): TestDatabaseOptions {
  return pool === undefined ? {} : { poolSize: pool.size, poolWaitMs: pool.waitMs, poolWaiting: pool.waiting }
}
