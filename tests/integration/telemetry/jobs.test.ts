import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { fail } from '../../../server/src/contract/errors.ts'
import { handleJob } from '../../../server/src/contract/job.ts'
import { defineJob } from '../../../server/src/platform/jobs/job-definition.ts'
import { newTraceId, runInContext } from '../../../server/src/platform/request-context.ts'
import { withSpan } from '../../../server/src/platform/telemetry/index.ts'
import { commit } from '../../support/jobs.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { until } from '../../support/until.ts'
import { type ObservedServer, startObserved } from './observed-server.ts'

const Order = z.object({ order: z.string() })
const packed = defineJob({ name: 'test.pack', version: 1, payload: Order, result: Order })
const refused = defineJob({ name: 'test.refuse', version: 1, payload: Order, result: Order })

let collector: OtlpReceiver
let server: ObservedServer

beforeAll(async () => {
  collector = await startOtlpReceiver()
  server = await startObserved(collector.endpoint, {}, [
    handleJob(packed, async ({ unit, payload }) => {
      await withSpan('ask the carrier', { kind: 'client' }, async () => undefined)
      return await unit.commit(async () => payload)
    }),
    handleJob(refused, async () => {
      throw fail('CONFLICT', { message: 'Order A-17 of somebody is gone.' })
    }),
  ])
}, 120_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

/** Queues a job as a call would, inside a span with a trace id of its own. */
async function queued(job: typeof packed): Promise<string> {
  const traceId = newTraceId()
  const request = { traceId, surface: 'trpc', ip: undefined, userAgent: undefined, roundTrips: 0 } as const
  await runInContext({ ...request }, () =>
    withSpan('orders.place', { kind: 'server' }, () =>
      commit(server, (change) => change.enqueue(job, { order: 'A-17' }), null, traceId),
    ),
  )
  return traceId
}

test('a job’s span is in the trace of the call that queued it, linked to that call, with its own children', async () => {
  const traceId = await queued(packed)
  const call = await collector.span('the call', (span) => span.traceId === traceId && span.kind === 'server')
  const job = await collector.span('the job', (span) => span.traceId === traceId && span.kind === 'consumer')
  expect(job).toMatchObject({ name: 'test.pack', parentSpanId: '', failed: false })
  expect(job.links).toEqual([[call.traceId, call.spanId]])
  expect(job.attributes).toMatchObject({
    'messaging.system': 'pg-boss',
    'messaging.destination.name': 'test.pack',
    'plinth.job.attempt': 1,
    'plinth.job.outcome': 'committed',
  })
  const children = collector.childrenOf(job).map(({ name }) => name)
  expect(children).toEqual(expect.arrayContaining(['ask the carrier', 'BEGIN', 'WITH unnest', 'COMMIT']))
})

test('a job that fails says so, without its message', async () => {
  const traceId = await queued(refused)
  const job = await collector.span('the job', (span) => span.traceId === traceId && span.kind === 'consumer')
  expect(job).toMatchObject({ failed: true, attributes: { 'plinth.job.outcome': 'failed' } })
  expect(collector.text()).not.toContain('A-17')
})

test('jobs are counted by queue and measured', async () => {
  await queued(packed)
  await until('both numbers', () =>
    collector.metrics.has('plinth.jobs') && collector.metrics.has('messaging.process.duration')
      ? true
      : undefined,
  )
})
