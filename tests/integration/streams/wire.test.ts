import { createClient } from '@plinth/client'
import { createTRPCUntypedClient, httpSubscriptionLink } from '@trpc/client'
import { EventSource } from 'eventsource'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { OpenedStream, StreamEvent } from '../../../server/src/contract/event-stream.ts'
import { router, subscription } from '../../../server/src/contract/procedure.ts'
import { readBody } from '../../../server/src/surfaces/http/body.ts'
import { openRequest } from '../../../server/src/surfaces/http/request.ts'
import { createHttpServer, type HttpServer } from '../../../server/src/surfaces/http/server.ts'
import { trpcSurface } from '../../../server/src/surfaces/trpc/index.ts'
import { field, mutate, query, send } from '../../support/http.ts'
import { liftLimits } from '../../support/lift-limits.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { openStream } from '../../support/sse.ts'
import { until } from '../../support/until.ts'

/** Streams that count, under the name of a procedure that the SDK knows. */
const Input = z.object({ projectId: z.string() })
let shaped = 0
const Output = z.object({
  n: z.number().transform((n) => {
    shaped += 1
    return n
  }),
})
type Numbers = OpenedStream<{ n: number }>

let server: TestServer
let http: HttpServer
let baseUrl: string
/** What the next streams are. */
let next: (lastEventId: string | undefined, signal: AbortSignal) => Numbers
let opened: (string | undefined)[] = []

beforeAll(async () => {
  server = await startServer()
  liftLimits(server)
  const onChange = subscription({
    summary: 'Count.',
    policy: { access: { who: 'public' }, scope: 'none', limit: 'stream' },
    input: Input,
    output: Output,
    async run({ lastEventId, signal }) {
      opened.push(lastEventId)
      return next(lastEventId, signal)
    },
  })
  const app = express()
  app.set('query parser', 'simple')
  app.use(openRequest(false))
  app.use(readBody(10_000))
  app.use(
    '/trpc',
    trpcSurface({
      router: router({ tasks: router({ onChange }) }),
      registry: [],
      runtime: server.app.runtime,
      cookies: { origins: [], secure: false },
      ownOrigin: 'http://localhost',
      allowedHosts: undefined,
      streamMaxAgeMs: 60_000,
      uploadTimeoutMs: 60_000,
    }),
  )
  http = createHttpServer(app, { maxConnections: 100 })
  baseUrl = `http://127.0.0.1:${await http.listen(0, '127.0.0.1')}`
})
afterAll(async () => {
  await http.drain(1_000)
  await server[Symbol.asyncDispose]()
})

function upTo(last: number, failure?: Error): typeof next {
  return (lastEventId) => ({
    position: lastEventId ?? '0',
    events: (async function* () {
      for (let n = Number(lastEventId ?? 0) + 1; n <= last; n += 1) yield { id: String(n), data: { n } }
      if (failure !== undefined) throw failure
    })(),
  })
}

const input = { projectId: 'any' }
const url = (search = '') =>
  `${baseUrl}/trpc/tasks.onChange?input=${encodeURIComponent(JSON.stringify(input))}${search}`

test('the bytes of a stream that ends by itself', async () => {
  next = upTo(2)
  const answer = await send(url())
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(answer.headers.get('x-stream-position')).toBe('0')
  expect(answer.text.replace(/retry: \d+/, 'retry: …')).toMatchInlineSnapshot(`
    "event: connected
    data: {"reconnectAfterInactivityMs":40000}
    id: 0
    retry: …

    data: {"n":1}
    id: 1

    data: {"n":2}
    id: 2

    event: return
    data: 

    "
  `)
})

test('tRPC’s own client is told that it is complete, and does not come back', async () => {
  next = upTo(3)
  opened = []
  const client = createTRPCUntypedClient({
    links: [httpSubscriptionLink({ url: `${baseUrl}/trpc`, EventSource })],
  })
  const seen: unknown[] = []
  await new Promise<void>((resolve, reject) => {
    client.subscription('tasks.onChange', input, {
      onData: (event) => seen.push(field(event, 'id')),
      onComplete: resolve,
      onError: reject,
    })
  })
  expect(seen).toEqual(['1', '2', '3'])
  expect(opened).toEqual([undefined])
})

test('for await of the SDK ends with the stream', async () => {
  next = upTo(3)
  opened = []
  const seen: string[] = []
  for await (const { id } of createClient({ baseUrl }).tasks.onChange.subscribe(input)) seen.push(id)
  expect(seen).toEqual(['1', '2', '3'])
  expect(opened).toEqual([undefined])
})

test('a client that loses the connection before the first event resumes where the stream stood', async () => {
  const quiet = Promise.withResolvers<void>()
  next = (_last, signal) => ({
    position: '41',
    events: (async function* (): AsyncGenerator<StreamEvent<{ n: number }>> {
      quiet.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })(),
  })
  opened = []
  const source = new EventSource(url(), {
    fetch: async (target, init) => {
      const answer = await fetch(target, init)
      const bytes = await answer.body?.getReader().read()
      // The first words, then the end.
      return new Response(bytes?.value ?? null, answer)
    },
  })
  await quiet.promise
  next = upTo(0)
  await until('the client to come back', () => (opened.length > 1 ? true : undefined), 10_000)
  source.close()
  expect(opened).toEqual([undefined, '41'])
})

test('an event is shaped once for all who hear it', async () => {
  const event = { id: '7', data: { n: 7 } }
  const say = Promise.withResolvers<void>()
  next = () => ({
    position: '6',
    events: (async function* () {
      await say.promise
      yield event
    })(),
  })
  const streams = await Promise.all(
    Array.from({ length: 5 }, () => openStream(baseUrl, 'tasks.onChange', input)),
  )
  shaped = 0
  say.resolve()
  for (const stream of streams) expect((await stream.atLeast(1)).map(({ data }) => data)).toEqual([{ n: 7 }])
  expect(shaped).toBe(1)
})

test('a failure in the middle says nothing of the inside', async () => {
  next = upTo(1, new Error('SELECT secret FROM users'))
  const { status, text } = await send(url())
  expect(status).toBe(200)
  expect(text).not.toContain('secret')
  const error: unknown = JSON.parse(/event: serialized-error\ndata: (.*)/.exec(text)?.[1] ?? '')
  expect(field(error, 'data')).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', path: 'tasks.onChange' })
})

test('the id to resume after comes in the input, the URL or the header', async () => {
  next = upTo(0)
  opened = []
  await send(`${baseUrl}/trpc/tasks.onChange?input=${JSON.stringify({ ...input, lastEventId: '3' })}`)
  await send(url('&lastEventId=4'))
  await send(url('&lastEventId=4'), { headers: { 'last-event-id': '5' } })
  expect(opened).toEqual(['3', '4', '5'])
})

test('only GET opens a stream, alone, with an input that is JSON', async () => {
  expect((await mutate(baseUrl, 'tasks.onChange', input)).status).toBe(405)
  expect((await query(baseUrl, 'tasks.onChange,tasks.onChange', { 0: input, 1: input })).status).toBe(404)
  const batch = await send(url('&batch=1'))
  expect(batch.status).toBe(400)
  const half = await send(`${baseUrl}/trpc/tasks.onChange?input={`)
  expect(half.status).toBe(400)
  expect(half.headers.get('content-type')).toBe('text/event-stream')
  expect(half.text).toMatch(/^event: serialized-error\ndata: \{/)
})
