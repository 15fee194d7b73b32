import { expect, test } from 'vitest'
import { expectOk } from '../../support/expect-clean.ts'
import { query, send } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { addPerson } from '../../support/people.ts'
import { freePort } from '../../support/server-process.ts'
import { timed } from '../../support/until.ts'
import { startObserved } from './observed-server.ts'

test('a collector that is not there costs the calls nothing, and the stop little', async () => {
  const server = await startObserved(`http://127.0.0.1:${await freePort()}`)
  const person = await addPerson(server)
  for (let count = 0; count < 50; count += 1) {
    expectOk(await query(server.baseUrl, 'users.me', undefined, person))
  }
  const { ms } = await timed(() => server.telemetry.close(500))
  expect(ms).toBeLessThan(1_500)
  await server[Symbol.asyncDispose]()
})

test('a collector that never answers fills no memory, and is not waited for', async () => {
  await using collector = await startOtlpReceiver()
  collector.hold(true)
  const server = await startObserved(collector.endpoint)
  liftLimits(server)
  const person = await addPerson(server)
  // More spans than may wait; the answers come all the same.
  const batch = `${server.baseUrl}/trpc/${Array.from({ length: 10 }, () => 'users.me').join()}?batch=1`
  const headers = { authorization: `Bearer ${person.token}` }
  for (let round = 0; round < 45; round += 1) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(batch, { headers })))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
  }
  expectOk(await query(server.baseUrl, 'users.me', undefined, person))
  const { ms } = await timed(() => server.telemetry.close(500))
  expect(ms).toBeLessThan(1_500)
  await server[Symbol.asyncDispose]()
})

test('what waits is sent before the stop', async () => {
  await using collector = await startOtlpReceiver()
  const server = await startObserved(collector.endpoint, {
    OTEL_BSP_SCHEDULE_DELAY: '60000',
    OTEL_METRIC_EXPORT_INTERVAL: '60000',
  })
  const person = await addPerson(server)
  expectOk(await query(server.baseUrl, 'users.me', undefined, person))
  expect(collector.spans).toEqual([])
  await server[Symbol.asyncDispose]()
  expect(collector.spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['auth.register', 'users.me']),
  )
  expect(collector.metrics).toContain('rpc.server.call.duration')
})

test('a collector that takes only traces is sent no metrics', async () => {
  await using collector = await startOtlpReceiver()
  const server = await startObserved(collector.endpoint, { OTEL_METRICS_EXPORTER: 'none' })
  const person = await addPerson(server)
  expectOk(await query(server.baseUrl, 'users.me', undefined, person))
  await server[Symbol.asyncDispose]()
  expect(collector.spans.length).toBeGreaterThan(0)
  expect([...collector.metrics]).toEqual([])
})
