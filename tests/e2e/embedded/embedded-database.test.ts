import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  type Database,
  DataDirectoryInUseError,
  isUnavailable,
  openDatabase,
  openTcpGate,
  socketDirectoryOf,
} from '../../../server/src/platform/database/index.ts'
import { copyTemplate } from '../../support/embedded-database.ts'

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url))

let dataDirectory: string
let cleanups: (() => Promise<unknown>)[]
beforeEach(async () => {
  dataDirectory = await copyTemplate()
  cleanups = []
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
  // A database whose owner was killed writes into the folder until it has noticed.
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
})

async function open(options: { attach?: boolean } = {}): Promise<Database> {
  const database = await openDatabase({
    dataDirectory,
    poolSize: 4,
    poolWaitMs: 10_000,
    statementTimeoutMs: 10_000,
    ...options,
  })
  cleanups.push(() => database.close())
  return database
}

/** Starts the writer and waits until it has had `count` commits acknowledged. */
async function startWriter(count: number): Promise<{ child: ChildProcess; acknowledged: () => number }> {
  const child = spawn(process.execPath, [WRITER, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(async () => child.kill('SIGKILL'))
  let last = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== 'ready') last = Number(line)
  })
  await vi.waitFor(() => expect(last).toBeGreaterThanOrEqual(count), { timeout: 60_000, interval: 5 })
  return { child, acknowledged: () => last }
}

async function hostPid(): Promise<number> {
  const { hostPid } = JSON.parse(await readFile(join(dataDirectory, 'database', 'owner.json'), 'utf8'))
  return hostPid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('what was committed is there after server and database are killed', async () => {
  for (const round of [1, 2]) {
    const { child, acknowledged } = await startWriter(50 * round)
    process.kill(await hostPid(), 'SIGKILL')
    child.kill('SIGKILL')
    await once(child, 'close')
    const database = await open()
    const { rows } = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM written')
    expect(rows[0]?.n).toBeGreaterThanOrEqual(acknowledged())
    await database.pool.query('DROP TABLE written')
    await database.close()
  }
})

test('the database ends in order when its server is killed, and loses nothing', async () => {
  const { child, acknowledged } = await startWriter(50)
  const host = await hostPid()
  child.kill('SIGKILL')
  await once(child, 'close')
  await vi.waitFor(() => expect(isAlive(host)).toBe(false), { timeout: 15_000 })
  const database = await open()
  const { rows } = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM written')
  expect(rows[0]?.n).toBeGreaterThanOrEqual(acknowledged())
})

test('a second owner is refused with the reason and the ways out; a command may use the first', async () => {
  const { child } = await startWriter(1)
  const refusal = await open().catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(DataDirectoryInUseError)
  expect(String(refusal)).toContain(`Process ${child.pid}`)
  expect(String(refusal)).toMatch(/Stop it.*PLINTH_DATA.*DATABASE_URL/)

  const attached = await open({ attach: true })
  expect(await attached.pendingMigrations()).toEqual([])
  await attached.close()
  expect(isAlive(await hostPid())).toBe(true)
})

test('a database that dies is started again; calls fail as "unavailable" in the meantime', async () => {
  const database = await open()
  await database.pool.query('CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)')
  const first = await hostPid()
  process.kill(first, 'SIGKILL')
  const failures: unknown[] = []
  await vi.waitFor(
    async () => {
      const { rows } = await database.pool
        .query<{ n: number }>('SELECT n FROM kept')
        .catch((error: unknown) => {
          failures.push(error)
          throw error
        })
      expect(rows).toEqual([{ n: 7 }])
    },
    { timeout: 30_000 },
  )
  expect(failures.length).toBeGreaterThan(0)
  expect(failures.filter((failure) => !isUnavailable(failure))).toEqual([])
  expect(await hostPid()).not.toBe(first)
})

test('connections have prepared statements of their own, and leave no transaction behind', async () => {
  const database = await open()
  const [one, two] = await Promise.all([database.pool.connect(), database.pool.connect()])
  const name = 'same_name'
  expect((await one.query({ name, text: 'SELECT 1 AS n' })).rows).toEqual([{ n: 1 }])
  expect((await two.query({ name, text: 'SELECT 2 AS n' })).rows).toEqual([{ n: 2 }])
  expect((await one.query({ name, text: 'SELECT 1 AS n' })).rows).toEqual([{ n: 1 }])

  await database.pool.query('CREATE TABLE kept (n int)')
  await one.query('BEGIN')
  await one.query('INSERT INTO kept VALUES (1)')
  // Waits for the transaction, which ends with its connection.
  const waiting = two.query('SELECT * FROM kept')
  one.release(true)
  expect((await waiting).rows).toEqual([])
  two.release()
})

test('only its user can enter the folder of the database', async () => {
  await open()
  const mode = async (path: string): Promise<number> => (await stat(join(dataDirectory, path))).mode & 0o777
  expect([await mode('database'), await mode('database/socket')]).toEqual([0o700, 0o700])
})

test('the port for tools that know no sockets asks for its password', async () => {
  const database = await open()
  const gate = await openTcpGate(socketDirectoryOf(database.connectionString) ?? '')
  cleanups.push(() => gate.close())
  const select = async (connectionString: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString })
    await client.connect()
    const { rows } = await client.query('SELECT $1::int AS n', [1])
    await client.end()
    return rows
  }
  expect(await select(gate.connectionString)).toEqual([{ n: 1 }])
  const wrong = new URL(gate.connectionString)
  wrong.password = 'x'.repeat(wrong.password.length)
  await expect(select(wrong.href)).rejects.toMatchObject({ code: '28P01' })
})
