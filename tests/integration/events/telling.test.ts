import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Change } from '../../../server/src/contract/unit-of-work.ts'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { type Bus, createBus } from '../../../server/src/platform/events/bus.ts'
import { createEventReader } from '../../../server/src/platform/events/event-reader.ts'
import { createStreamBackstop } from '../../../server/src/platform/events/stream-backstop.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'
import { noteJob } from '../../support/jobs.ts'
import { startProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { commitChange, openEar, openStream, silent } from './support.ts'

const BACKSTOP_MS = 50
const NEVER_MS = 3_600_000

const statements = vi.spyOn(pg.Client.prototype, 'query')
let db: TestDatabase
let bus: Bus
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
  bus = createBus(db.database, silent)
  await bus.start()
})
beforeEach(() => void statements.mockClear())
afterAll(async () => {
  await bus.close()
  await db.drop()
  statements.mockRestore()
})

/** How often the statement of this name was sent since the test began. */
function sent(name: string): number {
  return statements.mock.calls.filter(([first]) => {
    const statement: unknown = first
    return statement instanceof Object && 'name' in statement && statement.name === name
  }).length
}

/** Waits until what was notified before now has been heard. */
async function caughtUp(heard: () => readonly string[]): Promise<readonly string[]> {
  const mark = JSON.stringify({ topic: `mark ${crypto.randomUUID()}`, payload: '' })
  await db.database.pool.query("SELECT pg_notify('plinth', $1)", [mark])
  return await until('the mark', () => {
    const all = heard()
    return all.at(-1)?.startsWith('mark ') === true
      ? all.filter((one) => !one.startsWith('mark '))
      : undefined
  })
}

/** Has a process of its own commit an event to `stream` and be killed. */
async function dieAfterEvent(stream: string): Promise<void> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'dying-process.ts'), stream], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', DATABASE_URL: db.database.connectionString },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [, signal] = await once(child, 'exit', { signal: AbortSignal.timeout(30_000) })
  expect(signal).toBe('SIGKILL')
}

function betweenProcesses(): void {
  test('a commit with nothing but wake-ups notifies nobody itself; others are told after it', async () => {
    await using ear = await openEar(db.database)
    const wakeUps = (change: Change): void => {
      change.emit({ stream: 'test:wake', type: 'said', data: {} })
      change.enqueue(noteJob('test.note'), { note: '' })
      change.invalidateEventually('stats:ada')
      change.wake('topic', 'payload')
    }
    await commitChange(db.database, bus, wakeUps, { dies: true })
    expect(await caughtUp(ear.heard)).toEqual([])
    await commitChange(db.database, bus, wakeUps)
    const expected = ['cache stats:ada', 'topic payload', 'jobs test.note', 'events:test:wake']
    await until('all to be told', () => (ear.heard().length > expected.length ? true : undefined))
    expect((await caughtUp(ear.heard)).toSorted()).toEqual(expected.toSorted())
  })

  test('a revocation is told with the commit, whatever becomes of the process, and not without it', async () => {
    await using ear = await openEar(db.database)
    const revoke = (change: Change): void => {
      change.announce('actors', 'ada')
      change.invalidate('keys:ada')
    }
    await commitChange(db.database, bus, revoke, { dies: true })
    expect(await caughtUp(ear.heard)).toEqual(['actors ada', 'cache keys:ada'])
    const fails = (change: Change): void => {
      revoke(change)
      throw new Error('no')
    }
    await expect(commitChange(db.database, bus, fails)).rejects.toThrow('no')
    expect(await caughtUp(ear.heard)).toHaveLength(2)
    expect(sent('plinth_tell')).toBe(0)
  })

  test('many commits are told of in fewer statements', async () => {
    await using ear = await openEar(db.database)
    const streams = Array.from({ length: 200 }, (_, nth) => `test:many:${nth}`)
    await Promise.all(
      streams.map((stream) =>
        commitChange(db.database, bus, ({ emit }) => emit({ stream, type: 'said', data: {} })),
      ),
    )
    await until('all to be told', () => (ear.heard().length >= streams.length ? true : undefined))
    expect(new Set(await caughtUp(ear.heard))).toEqual(new Set(streams.map((stream) => `events:${stream}`)))
    expect(sent('plinth_change')).toBe(200)
    // How many share one is the machine's: none waits for company, only for the one under way.
    expect(sent('plinth_tell')).toBeGreaterThan(0)
    expect(sent('plinth_tell')).toBeLessThan(200)
  })

  test('who is told of too much looks at everything', async () => {
    const other = createBus(db.database)
    await other.start()
    const changes: boolean[] = []
    const heard: string[] = []
    other.onHealthChange((healthy) => changes.push(healthy))
    other.subscribe('topic 1', (payload) => heard.push(payload))
    bus.tell(Array.from({ length: 10_001 }, (_, nth) => ({ topic: `topic ${nth}`, payload: '' })))
    await until('the other to begin anew', () => (changes.length >= 2 ? true : undefined))
    expect(changes).toEqual([false, true])
    expect(other.healthy()).toBe(true)
    expect(heard).toEqual([])
    await other.close()
  })

  test('a message that is too long to send fails nobody and holds nothing up', async () => {
    await using ear = await openEar(db.database)
    const long = { topic: 'topic', payload: 'x'.repeat(9_000) }
    expect(() => bus.tell([long, { topic: 'topic', payload: 'short' }])).not.toThrow()
    await until('the short one', () => (ear.heard().includes('topic short') ? true : undefined))
  })

  test('what waits is sent when the bus closes', async () => {
    await using ear = await openEar(db.database)
    const closing = createBus(db.database)
    await closing.start()
    for (let nth = 0; nth < 20; nth += 1) closing.tell([{ topic: 'closing', payload: String(nth) }])
    await closing.close()
    expect(await caughtUp(ear.heard)).toHaveLength(20)
  })

  test('a bus that was not started goes on telling when a connection cannot be opened, and when one breaks', async () => {
    const url = new URL(db.database.connectionString)
    await using wire = await startProxy(Number(url.port === '' ? 5432 : url.port))
    url.host = new URL(wire.baseUrl).host
    const settings = { poolSize: 1, poolWaitMs: 5_000, statementTimeoutMs: 5_000 }
    const behind = await openDatabase({ ...settings, url: url.href, dataDirectory: '' })
    const telling = createBus(behind)
    try {
      await using ear = await openEar(db.database)
      // The first answer is to opening the connection.
      wire.cutAnswers(1)
      telling.tell([{ topic: 'first', payload: '' }])
      await until('the first', () => (ear.heard().includes('first') ? true : undefined))
      expect(wire.cutsLeft()).toBe(0)
      wire.cutAnswers(1)
      telling.tell([{ topic: 'second', payload: '' }])
      // Nobody knows what became of the statement whose answer was cut.
      const twice = () => ear.heard().filter((one) => one === 'second').length === 2
      await until('the second, again', () => (twice() ? true : undefined))
    } finally {
      await telling.close()
      await behind.close()
    }
  })

  test('an event whose process was killed before telling is found by those who follow elsewhere', async () => {
    await using ear = await openEar(db.database)
    const here = createBus(db.database)
    await here.start()
    const backstop = createStreamBackstop({ database: db.database, bus: here, logger: silent }, BACKSTOP_MS)
    const reader = createEventReader({ bus: here, backstop }, NEVER_MS)
    const over = new AbortController()
    // Jobs and replies have no row in `event_streams`.
    const uncounted = openStream(db.database, 'test:uncounted')
    const counted = openStream(db.database, 'test:counted')
    const seen: string[] = []
    const follow = async ({ source }: typeof counted): Promise<void> => {
      const { events } = await reader.follow({ source, reader: 'ada', after: undefined, signal: over.signal })
      void (async () => {
        for await (const { id } of events) seen.push(`${source.stream} ${id}`)
      })()
    }
    try {
      await Promise.all([follow(counted), follow(uncounted)])
      await dieAfterEvent('test:counted')
      await until('the event', () => (seen.length === 1 ? true : undefined))
      expect(await caughtUp(ear.heard)).toEqual([])
      await db.database.pool.query(
        "INSERT INTO events (stream, id, type, data) VALUES ('test:uncounted', 1, 'said', '{}')",
      )
      await until('the other event', () => (seen.length === 2 ? true : undefined))
      expect(seen).toEqual(['test:counted 1', 'test:uncounted 1'])

      // One statement is for both, and who has everything is left alone.
      const [looks, rounds] = [counted.looks() + uncounted.looks(), sent('plinth_newest_events')]
      await until('more rounds', () => (sent('plinth_newest_events') > rounds + 3 ? true : undefined))
      expect(counted.looks() + uncounted.looks()).toBe(looks)
    } finally {
      over.abort()
      await here.close()
    }
  })

  test('where nobody follows anything, nothing is looked for', async () => {
    const healthy = { healthy: () => true }
    const make = () =>
      createStreamBackstop({ database: db.database, bus: healthy, logger: silent }, BACKSTOP_MS)
    const [idle, busy] = [make(), make()]
    const asked = { idle: 0, busy: 0 }
    const followed = (name: keyof typeof asked) => ({
      stream: 'test:nobody',
      isBehind: () => {
        asked[name] += 1
        return false
      },
      wake: () => undefined,
    })
    const stops = { idle: idle.watch(followed('idle')), busy: busy.watch(followed('busy')) }
    await until('both to look', () => (asked.idle > 0 && asked.busy > 0 ? true : undefined))
    stops.idle()
    const before = { ...asked, statements: sent('plinth_newest_events') }
    await until('the other to go on', () => (asked.busy > before.busy + 5 ? true : undefined))
    stops.busy()
    expect(asked.idle).toBe(before.idle)
    // One of each may have been under way at either end.
    const rounds = asked.busy - before.busy
    expect(sent('plinth_newest_events') - before.statements).toBeLessThanOrEqual(rounds + 2)
  })
}

/** An embedded database has one process: nobody is told, and nothing is looked for. */
function alone(): void {
  test('nobody is told', async () => {
    await commitChange(db.database, bus, ({ announce, wake }) => {
      announce('topic', 'must')
      wake('topic', 'may')
    })
    expect(bus.notifications([{ topic: 'topic', payload: '' }])).toEqual([])
    const backstop = createStreamBackstop({ database: db.database, bus, logger: silent }, BACKSTOP_MS)
    const stop = backstop.watch({ stream: 's', isBehind: () => true, wake: () => undefined })
    stop()
    expect([sent('plinth_tell'), sent('plinth_newest_events')]).toEqual([0, 0])
  })
}

if (databaseKind() === 'postgres') betweenProcesses()
else alone()
