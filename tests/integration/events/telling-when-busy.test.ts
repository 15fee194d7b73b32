import { setImmediate as endOfTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { type Bus, createBus } from '../../../server/src/platform/events/bus.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { timed, until } from '../../support/until.ts'
import { openEar, silent } from './support.ts'

/** Streams that nobody was told of are looked at every five seconds. */
const BEFORE_THE_BACKSTOP_MS = 2_500

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
})
afterAll(() => db.drop())

/** The bus of a process whose one connection is held by a transaction. */
interface BusyProcess extends AsyncDisposable {
  readonly bus: Bus
  /** What it said in its log of trouble. */
  readonly warnings: readonly string[]
}

/** @param notificationsBy where its connection for notifications leads, when not to the database itself */
async function openBusy(notificationsBy?: string): Promise<BusyProcess> {
  const { connectionString } = db.database
  const settings = { poolSize: 1, poolWaitMs: 60_000, statementTimeoutMs: 60_000, dataDirectory: '' }
  const database = await openDatabase({ ...settings, url: connectionString })
  const url = new URL(connectionString)
  if (notificationsBy !== undefined) url.host = new URL(notificationsBy).host
  const warnings: string[] = []
  const logger = { ...silent, warn: (message: string) => void warnings.push(message) }
  const bus = createBus({ ...database, kind: databaseKind(), connectionString: url.href }, logger)
  await bus.start()
  const held = await database.pool.connect()
  await held.query('BEGIN')
  return {
    bus,
    warnings,
    async [Symbol.asyncDispose]() {
      held.release(true)
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

function betweenProcesses(): void {
  test('a process whose pool is taken tells all the same', async () => {
    await using busy = await openBusy()
    const other = createBus(db.database, silent)
    const heard: string[] = []
    other.subscribe('topic', (payload) => heard.push(payload))
    await other.start()
    busy.bus.tell([{ topic: 'topic', payload: 'woken' }])
    await until('the other to hear', () => heard[0], BEFORE_THE_BACKSTOP_MS)
    expect(heard).toEqual(['woken'])
    await other.close()
  })

  test('what is told while the connection is away is kept until it is back', async () => {
    await using wire = await openWire()
    await using busy = await openBusy(wire.baseUrl)
    await using ear = await openEar(db.database)
    const tell = (round: string): void => {
      for (const topic of topics(round)) busy.bus.tell([{ topic, payload: '' }])
    }
    const heardAll = (round: string): Promise<boolean> =>
      until(
        `all of "${round}"`,
        () => topics(round).every((topic) => ear.heard().includes(topic)) || undefined,
      )

    // The first statement is under way for as long as nobody knows that the wire is silent.
    wire.hold(true)
    tell('silent')
    await until('the silence to be noticed', () => !busy.bus.healthy() || undefined)
    tell('away')
    expect(ear.heard()).toEqual([])
    wire.hold(false)
    await heardAll('silent')
    await heardAll('away')

    wire.cutAnswers(1)
    tell('cut')
    await heardAll('cut')
  })

  test('who tells without end hears all the same, and is not taken for dead', async () => {
    await using one = await openBusy()
    await using other = await openBusy()
    const buses = [one.bus, other.bus]
    const changes: boolean[] = []
    const heard = buses.map((bus) => {
      const payloads = new Set<string>()
      bus.onHealthChange((healthy) => changes.push(healthy))
      bus.subscribe('noise', (payload) => payloads.add(payload))
      return payloads
    })
    const rounds = 3_000
    for (let round = 0; round < rounds; round += 1) {
      for (const bus of buses) bus.tell([{ topic: 'noise', payload: String(round) }])
      await endOfTurn()
    }
    await until('both to hear everything', () => heard.every(({ size }) => size === rounds) || undefined)
    expect(changes).toEqual([])
  })

  test('a bus that closes while its connection is away gives up what waits', async () => {
    await using wire = await openWire()
    await using busy = await openBusy(wire.baseUrl)
    wire.hold(true)
    await until('the silence to be noticed', () => !busy.bus.healthy() || undefined)
    busy.bus.tell([{ topic: 'topic', payload: '' }])
    const { ms } = await timed(() => busy.bus.close())
    expect(ms).toBeLessThan(10_000)
    expect(busy.warnings.at(-1)).toBe('Other processes were not told of everything; they find it themselves')
  })
}

/** There are no others, and nothing is asked of the connections. */
function alone(): void {
  test('a process whose pool is taken tells nobody, and waits for nothing', async () => {
    await using busy = await openBusy()
    busy.bus.tell([{ topic: 'topic', payload: '' }])
    await busy.bus.close()
    expect(busy.bus.healthy()).toBe(true)
  })
}

if (databaseKind() === 'postgres') betweenProcesses()
else alone()
