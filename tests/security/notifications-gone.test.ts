import { expect, test } from 'vitest'
import { databaseKind } from '../support/database.ts'
import { expectOk } from '../support/expect-clean.ts'
import { field, mutate, query } from '../support/http.ts'
import { addPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

/** What docs/security.md promises. */
const BOUND_MS = 5_000

/** A process whose notifications of others go through a wire that can be cut. */
async function behindWire(first: TestServer): Promise<{ second: TestServer; wire: TcpProxy }> {
  const url = new URL(first.database.connectionString)
  const wire = await startProxy(Number(url.port === '' ? 5432 : url.port))
  url.host = new URL(wire.baseUrl).host
  return { second: await startServer({ beside: first, listenTo: url.href }), wire }
}

async function deaf(fail: (wire: TcpProxy) => void): Promise<void> {
  await using first = await startServer()
  const { second, wire } = await behindWire(first)
  await using _wire = wire
  await using _second = second
  const [admin, who] = [await addPerson(first, 'admin', 'admin'), await addPerson(first)]
  const stats = async () =>
    field((await query(second.baseUrl, 'users.stats', { id: who.id }, admin)).data, 'projects')
  expectOk(await query(second.baseUrl, 'users.me', undefined, who))
  expect(await stats()).toBe(0)
  fail(wire)
  expectOk(await mutate(first.baseUrl, 'projects.create', { name: 'P', slug: 'p' }, who))
  expectOk(await mutate(first.baseUrl, 'users.suspend', { id: who.id }, admin))
  await until(
    'the process that hears nothing to refuse the suspended user',
    async () => ((await query(second.baseUrl, 'users.me', undefined, who)).status === 401 ? true : undefined),
    BOUND_MS,
  )
  await until('it to count anew', async () => ((await stats()) === 1 ? true : undefined), BOUND_MS)
  wire.hold(false)
  wire.cutAll()
  await until('it to hear again', () => (second.app.runtime.bus.healthy() ? true : undefined), 10_000)
  expectOk(await mutate(first.baseUrl, 'users.unsuspend', { id: who.id }, admin))
  expectOk(await query(second.baseUrl, 'users.me', undefined, who))
}

/** The one process of an embedded database hears itself: there is nothing to cut. */
async function alone(): Promise<void> {
  await using server = await startServer()
  const [admin, who] = [await addPerson(server, 'admin', 'admin'), await addPerson(server)]
  expectOk(await query(server.baseUrl, 'users.me', undefined, who))
  expect(server.app.runtime.bus.healthy()).toBe(true)
  expectOk(await mutate(server.baseUrl, 'users.suspend', { id: who.id }, admin))
  expect((await query(server.baseUrl, 'users.me', undefined, who)).status).toBe(401)
}

if (databaseKind() === 'postgres') {
  test('a notification connection that goes silent lets nobody in beyond the bound', () =>
    deaf((wire) => wire.hold(true)))
  test('a notification connection that is cut lets nobody in beyond the bound', () =>
    deaf((wire) => {
      wire.hold(true)
      wire.cutAll()
    }))
} else {
  test('what one process knows of rights ends at once', alone)
}
