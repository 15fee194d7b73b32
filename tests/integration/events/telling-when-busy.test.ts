import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { type Bus, createBus } from '../../../server/src/platform/events/bus.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { timed, until } from '../../support/until.ts'
import { type Ear, openEar, silent } from './support.ts'

/** Far less than anybody waits here for a connection of a pool that is taken. */
const SOON_MS = 1_500
const LONG_WAIT_MS = 60_000
/** Two of these are longer than the two seconds in which a connection has to answer. */
const SLOW_MS = 1_200

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
})
afterAll(() => db.drop())

/** The bus of a process with a pool of one connection. */
interface Process extends AsyncDisposable {
  readonly bus: Bus
  /** What it said in its log of trouble. */
  readonly warnings: readonly string[]
}

interface ProcessOptions {
  /** Where its connection for notifications leads, when not to the database itself. */
  readonly notificationsBy?: string
  /** False when the connection of the pool is free, and not held by a transaction. */
  readonly busy?: boolean
  readonly poolWaitMs?: number
}

async function openProcess(options: ProcessOptions = {}): Promise<Process> {
  const { notificationsBy, busy = true, poolWaitMs = LONG_WAIT_MS } = options
  const { connectionString } = db.database
  const settings = { poolSize: 1, poolWaitMs, statementTimeoutMs: 60_000, dataDirectory: '' }
  const database = await openDatabase({ ...settings, url: connectionString })
  const url = new URL(connectionString)
  if (notificationsBy !== undefined) url.host = new URL(notificationsBy).host
  const warnings: string[] = []
  const logger = { ...silent, warn: (message: string) => void warnings.push(message) }
  const bus = createBus({ ...database, kind: databaseKind(), connectionString: url.href }, logger)
  await bus.start()
  const held = busy ? await database.pool.connect() : undefined
  await held?.query('BEGIN')
  return {
    bus,
    warnings,
    async [Symbol.asyncDispose]() {
      held?.release(true)
      await bus.close()
      await database.close()
    },
  }
}

async function openWire(): Promise<TcpProxy> {
  const { port } = new URL(db.database.connectionString)
  return await startProxy(Number(port === '' ? 5432 : port))
}

const topics = (round: string): string[] => Array.from({ length: 20 }, (_, nth) => `${round} ${nth}`)

async function heardAll(ear: Ear, round: string): Promise<void> {
  await until(
    `all of "${round}"`,
    () => topics(round).every((topic) => ear.heard().includes(topic)) || undefined,
  )
}

function betweenProcesses(): void {
  test('a process whose pool is taken tells all the same', async () => {
    await using busy = await openProcess()
    await using ear = await openEar(db.database)
    busy.bus.tell([{ topic: 'topic', payload: 'woken' }])
    await until('the other to hear', () => ear.heard()[0], SOON_MS)
    expect(ear.heard()).toEqual(['topic woken'])
  })

  test('a process that cannot listen tells all the same', async () => {
    await using wire = await openWire()
    // What a transaction pooler makes of it: the statement succeeds, and nothing is ever heard.
    wire.replaceInRequests('LISTEN plinth', 'LISTEN nobody')
    await using deaf = await openProcess({ notificationsBy: wire.baseUrl, busy: false })
    const other = createBus(db.database, silent)
    const heard: string[] = []
    other.subscribe('topic', (payload) => heard.push(payload))
    await other.start()
    deaf.bus.tell([{ topic: 'topic', payload: 'woken' }])
    await until('the other to hear', () => heard[0], SOON_MS)
    expect(heard).toEqual(['woken'])
    expect(deaf.bus.healthy()).toBe(false)
    expect((await timed(() => deaf.bus.close())).ms).toBeLessThan(SOON_MS)
    // Nobody had to be told again.
    expect(new Set(deaf.warnings)).toEqual(new Set(['The notification connection broke; connecting again']))
    await other.close()
  })

  test('a connection that has gone silent is noticed by what is told, and replaced', async () => {
    await using wire = await openWire()
    await using busy = await openProcess({ notificationsBy: wire.baseUrl })
    expect(busy.bus.healthy()).toBe(true)
    wire.hold(true)
    busy.bus.onHealthChange((healthy) => healthy || wire.hold(false))
    busy.bus.tell([{ topic: 'topic', payload: '' }])
    // Two seconds are waited for the answer to what was told, and none for what stands behind it.
    await until('the silence to be noticed', () => !busy.bus.healthy() || undefined, 3_000)
    await until('it to listen again', () => busy.bus.healthy() || undefined, SOON_MS)
  })

  test('what is told while the connection is away goes by the pool', async () => {
    await using wire = await openWire()
    await using process = await openProcess({ notificationsBy: wire.baseUrl, busy: false })
    await using ear = await openEar(db.database)
    wire.hold(true)
    process.bus.tell([{ topic: 'silent', payload: '' }])
    await until('the silence to be noticed', () => !process.bus.healthy() || undefined)
    process.bus.tell([{ topic: 'away', payload: '' }])
    await until('both', () => ear.heard().length >= 2 || undefined, SOON_MS)
    expect(ear.heard().toSorted()).toEqual(['away', 'silent'])
    expect(process.bus.healthy()).toBe(false)
  })

  test('what can be told neither way is told when the connection is back', async () => {
    await using wire = await openWire()
    await using busy = await openProcess({ notificationsBy: wire.baseUrl, poolWaitMs: 100 })
    await using ear = await openEar(db.database)
    const tell = (round: string): void => {
      for (const topic of topics(round)) busy.bus.tell([{ topic, payload: '' }])
    }
    // The first statement is under way for as long as nobody knows that the wire is silent.
    wire.hold(true)
    tell('silent')
    await until('the silence to be noticed', () => !busy.bus.healthy() || undefined)
    tell('away')
    expect(ear.heard()).toEqual([])
    wire.hold(false)
    await heardAll(ear, 'silent')
    await heardAll(ear, 'away')

    await until('it to listen again', () => busy.bus.healthy() || undefined)
    wire.cutAnswers(1)
    tell('cut')
    await heardAll(ear, 'cut')
  })

  test('who tells without end over a slow wire hears all the same, and is not taken for dead', async () => {
    await using wire = await openWire()
    await using busy = await openProcess({ notificationsBy: wire.baseUrl })
    await using ear = await openEar(db.database)
    const heard: string[] = []
    busy.bus.subscribe('other', (payload) => heard.push(payload))
    const changes: boolean[] = []
    busy.bus.onHealthChange((healthy) => changes.push(healthy))
    expect(busy.bus.healthy()).toBe(true)
    wire.delayAnswers(SLOW_MS)
    let rounds = 0
    const tellUntil = (what: string, isSo: () => boolean): Promise<true> =>
      until(what, () => {
        busy.bus.tell([{ topic: 'busy', payload: String(rounds) }])
        rounds += 1
        return isSo() || undefined
      })
    // Nobody else speaks to itself. Of the third nobody knows yet that it was answered.
    const before = ear.echoes()
    await tellUntil('heartbeats', () => changes.length > 0 || ear.echoes() >= before + 3)
    expect(changes).toEqual([])
    await using other = await openProcess()
    other.bus.tell([{ topic: 'other', payload: 'heard' }])
    await tellUntil('it to hear', () => heard.length > 0)
    expect(changes).toEqual([])
    const last = `busy ${rounds - 1}`
    await until('everything to be told', () => ear.heard().includes(last) || undefined)
    expect(ear.heard().filter((text) => text.startsWith('busy '))).toHaveLength(rounds)
  })

  test('a bus that closes when it can tell neither way gives up what waits', async () => {
    await using wire = await openWire()
    await using busy = await openProcess({ notificationsBy: wire.baseUrl })
    wire.hold(true)
    await until('the silence to be noticed', () => !busy.bus.healthy() || undefined)
    busy.bus.tell([{ topic: 'topic', payload: '' }])
    const { ms } = await timed(() => busy.bus.close())
    // Two seconds for the telling, two for an attempt to connect that nobody answers, one to say goodbye.
    expect(ms).toBeLessThan(6_000)
    expect(busy.warnings.at(-1)).toBe('Other processes were not told of everything; they find it themselves')
  })
}

/** There are no others, and nothing is asked of the connections. */
function alone(): void {
  test('a process whose pool is taken tells nobody, and waits for nothing', async () => {
    await using busy = await openProcess()
    busy.bus.tell([{ topic: 'topic', payload: '' }])
    expect((await timed(() => busy.bus.close())).ms).toBeLessThan(SOON_MS)
    expect(busy.warnings).toEqual([])
  })
}

if (databaseKind() === 'postgres') betweenProcesses()
else alone()
