import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { transaction } from '../../../server/src/platform/database/index.ts'
import { createBus } from '../../../server/src/platform/events/bus.ts'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../support/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(databaseKind())
})
afterAll(() => db.drop())

test('listeners in the process hear at once, until they stop, whatever another one does', () => {
  const bus = createBus(db.database)
  const heard: string[] = []
  bus.subscribe('topic', () => {
    throw new Error('a mistake')
  })
  const stop = bus.subscribe('topic', (payload) => heard.push(payload))
  bus.publish('topic', 'one')
  bus.publish('other', 'two')
  stop()
  bus.publish('topic', 'three')
  expect(heard).toEqual(['one'])
})

test('other processes hear after the commit; this one does not hear itself', async () => {
  const [here, there] = [createBus(db.database), createBus(db.database)]
  const heard: string[] = []
  here.subscribe('topic', (payload) => heard.push(`here ${payload}`))
  there.subscribe('topic', (payload) => heard.push(`there ${payload}`))
  try {
    await Promise.all([here.start(), there.start()])
    expect([here.healthy(), there.healthy()]).toEqual([true, true])
    await transaction(db.database, async (tx) => {
      await here.notify(tx, [{ topic: 'topic', payload: 'rolled back' }])
      throw new Error('no')
    }).catch(() => undefined)
    await transaction(db.database, (tx) => here.notify(tx, [{ topic: 'topic', payload: 'committed' }]))
    await transaction(db.database, (tx) => there.notify(tx, [{ topic: 'topic', payload: 'back' }]))
    const expected = databaseKind() === 'postgres' ? ['here back', 'there committed'] : []
    // Each hears on a connection of its own: which one is first is chance.
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(expected), { timeout: 15_000 })
  } finally {
    await Promise.all([here.close(), there.close()])
  }
})

test('a lost connection shows and is replaced', async () => {
  const bus = createBus(db.database)
  const changes: boolean[] = []
  bus.onHealthChange((healthy) => changes.push(healthy))
  try {
    await bus.start()
    await db.database.pool.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'plinth-listen' AND datname = current_database() AND pid <> pg_backend_pid()`)
    const expected = databaseKind() === 'postgres' ? [true, false, true] : []
    await vi.waitFor(() => expect(changes).toEqual(expected), { timeout: 10_000 })
    expect(bus.healthy()).toBe(true)
  } finally {
    await Promise.race([bus.close(), delay(5_000)])
  }
})

test('the echoes of other processes do not make a connection look dead', async () => {
  const bus = createBus(db.database)
  const changes: boolean[] = []
  bus.onHealthChange((healthy) => changes.push(healthy))
  try {
    await bus.start()
    // Enough noise that some of it falls between every echo of the bus and its check, over several of them.
    const until = performance.now() + 3_500
    while (performance.now() < until) {
      await db.database.pool.query("SELECT pg_notify('plinth', 'echo:another process')")
    }
    expect(changes).toEqual(databaseKind() === 'postgres' ? [true] : [])
    expect(bus.healthy()).toBe(true)
  } finally {
    await bus.close()
  }
})
