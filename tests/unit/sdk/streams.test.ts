import { getEventListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import {
  createClient,
  memoryTokens,
  type PlinthError,
  type StreamedEvent,
  type TaskChange,
} from '@plinth/client'
import { expect, test, vi } from 'vitest'
import { failure, type ScriptedCall, startScriptedServer } from './scripted-server.ts'

const projectId = '8d6a4d9c-2f1b-4c6e-9a57-0d3b1e8f7a21'
const retry = { baseDelayMs: 5, maxDelayMs: 50 }

/** Opens the stream as the server does. */
function open(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write('event: connected\ndata: {}\n\n')
}

function emit(res: ServerResponse, id: number): void {
  res.write(`data: {"n":${id}}\nid: ${id}\n\n`)
}

function refuse(res: ServerResponse, status: number, code: string, reason?: string): void {
  const error = failure({ status, code, ...(reason === undefined ? {} : { reason }) })
  res.writeHead(status, { 'content-type': 'text/event-stream' })
  res.end(`event: connected\ndata: {}\n\n\nevent: serialized-error\ndata: ${JSON.stringify(error)}\n\n\n`)
}

/** The event a client asks to go on after, 0 at first. */
function lastOf({ input }: ScriptedCall): number {
  return typeof input === 'object' && input !== null && 'lastEventId' in input ? Number(input.lastEventId) : 0
}

test('a stream survives lost connections without a lost or doubled event', async () => {
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (call, res) => {
        open(res)
        const first = lastOf(call) + 1
        for (let id = first; id < first + 3; id += 1) emit(res, id)
        res.write('', () => res.destroy())
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const ids: string[] = []
  for await (const { id } of client.tasks.onChange.subscribe({ projectId })) {
    ids.push(id)
    if (ids.length === 10) break
  }
  expect(ids).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
})

test('a stream that was restored starts after the event it is told', async () => {
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (call, res) => {
        open(res)
        emit(res, lastOf(call) + 1)
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const events = client.tasks.onChange.subscribe({ projectId }, { lastEventId: '41' })
  expect((await events.next()).value?.id).toBe('42')
  await events.return?.()
  expect(await events.next()).toEqual({ done: true, value: undefined })
})

test('a token refused on reconnecting is renewed, and the new one is used', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  await using server = await startScriptedServer(
    { 'auth.refresh': () => ({ data: { accessToken: 'new', refreshToken: 'next', expiresAt } }) },
    {
      'tasks.onChange': (call, res) => {
        if (call.token !== 'new') return refuse(res, 401, 'UNAUTHORIZED')
        open(res)
        emit(res, 1)
      },
    },
  )
  const tokens = memoryTokens({ accessToken: 'old', refreshToken: 'first', expiresAt })
  const client = createClient({ baseUrl: server.baseUrl, tokens, retry })
  const events = client.tasks.onChange.subscribe({ projectId })
  expect((await events.next()).value?.id).toBe('1')
  await events.return?.()
  expect(server.calls.map((call) => [call.path, call.token])).toEqual([
    ['tasks.onChange', 'old'],
    ['auth.refresh', undefined],
    ['tasks.onChange', 'new'],
  ])
})

test('a refusal that may pass is tried again, one that does not ends the stream with its error', async () => {
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': ({ earlier }, res) => {
        if (earlier === 0) refuse(res, 429, 'TOO_MANY_REQUESTS')
        else if (earlier === 1) refuse(res, 503, 'SERVICE_UNAVAILABLE', 'OVERLOADED')
        else if (earlier === 2)
          res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
        else refuse(res, 403, 'FORBIDDEN', 'SCOPE_MISSING')
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const failed = Promise.withResolvers<PlinthError>()
  client.tasks.onChange.subscribe({ projectId }, { onData: () => {}, onError: failed.resolve })
  expect(await failed.promise).toMatchObject({ code: 'FORBIDDEN', reason: 'SCOPE_MISSING', status: 403 })
  expect(server.calls).toHaveLength(4)
})

test('an error inside an open stream reaches the reader', async () => {
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (_call, res) => {
        open(res)
        emit(res, 1)
        res.write(
          `event: serialized-error\ndata: ${JSON.stringify(failure({ status: 404, code: 'NOT_FOUND' }))}\n\n`,
        )
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const events = client.tasks.onChange.subscribe({ projectId })
  await events.next()
  await expect(events.next()).rejects.toMatchObject({ code: 'NOT_FOUND', path: 'tasks.onChange' })
})

test('handlers hear of the start, events and the end; unsubscribing hangs up', async () => {
  const hungUp = Promise.withResolvers<void>()
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': ({ earlier }, res) => {
        open(res)
        emit(res, 1)
        if (earlier === 0) res.end('event: return\ndata: \n\n')
        else res.on('close', hungUp.resolve)
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const heard: string[] = []
  const completed = Promise.withResolvers<void>()
  client.tasks.onChange.subscribe(
    { projectId },
    {
      onStarted: () => void heard.push('started'),
      onData: ({ id }) => void heard.push(id),
      onComplete: completed.resolve,
    },
  )
  await completed.promise
  expect(heard).toEqual(['started', '1'])
  const onData = vi.fn<(event: StreamedEvent<TaskChange>) => void>()
  const unsubscribe = client.tasks.onChange.subscribe({ projectId }, { onData })
  await vi.waitFor(() => expect(onData).toHaveBeenCalledOnce())
  unsubscribe()
  await hungUp.promise
})

test('what a handler throws is an uncaught error of the program; the stream goes on', async () => {
  const uncaught: unknown[] = []
  const { queueMicrotask: queue } = globalThis
  using _spy = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((work) =>
    queue(() => {
      try {
        work()
      } catch (error) {
        uncaught.push(error)
      }
    }),
  )
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (call, res) => {
        open(res)
        emit(res, lastOf(call) + 1)
        if (lastOf(call) > 0) res.write('event: return\ndata: \n\n')
        else res.write('', () => res.destroy())
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const ids: string[] = []
  const completed = Promise.withResolvers<void>()
  const fail = (name: string): never => {
    throw new Error(name)
  }
  client.tasks.onChange.subscribe(
    { projectId },
    {
      onStarted: () => fail('started'),
      onData({ id }) {
        ids.push(id)
        fail(`event ${id}`)
      },
      onComplete() {
        completed.resolve()
        fail('completed')
      },
    },
  )
  await completed.promise
  expect(ids).toEqual(['1', '2'])
  await vi.waitFor(() => expect(uncaught).toHaveLength(5))
  const messages = uncaught.map((error) => (error instanceof Error ? error.message : error))
  expect(messages).toEqual(['started', 'event 1', 'started', 'event 2', 'completed'])
})

test('a server that accepts and hangs up is asked less and less often', async () => {
  const times: number[] = []
  const enough = Promise.withResolvers<void>()
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (_call, res) => {
        times.push(performance.now())
        if (times.length === 7) enough.resolve()
        open(res)
        res.write('', () => res.destroy())
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry: { baseDelayMs: 5, maxDelayMs: 1_000 } })
  const unsubscribe = client.tasks.onChange.subscribe({ projectId }, { onData: () => {} })
  await enough.promise
  unsubscribe()
  const [before = 0, last = 0] = times.slice(-2)
  // The sixth wait is 160 ms, at least half of it.
  expect(last - before).toBeGreaterThan(75)
})

test('several reads at once get one event each, and leaving lets go of the signal', async () => {
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (_call, res) => {
        open(res)
        for (const id of [1, 2]) emit(res, id)
        res.write('event: return\ndata: \n\n')
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const { signal } = new AbortController()
  const events = client.tasks.onChange.subscribe({ projectId }, { signal })
  expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
  const read = await Promise.all([events.next(), events.next(), events.next(), events.next()])
  expect(read.map(({ value }) => value?.id)).toEqual(['1', '2', undefined, undefined])
  await vi.waitFor(() => expect(getEventListeners(signal, 'abort')).toEqual([]))
})

test('an abort ends the loop without an error', async () => {
  await using server = await startScriptedServer({}, { 'tasks.onChange': (_call, res) => open(res) })
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const controller = new AbortController()
  const next = client.tasks.onChange.subscribe({ projectId }, { signal: controller.signal }).next()
  controller.abort()
  expect(await next).toEqual({ done: true, value: undefined })
})

test('a reader that falls behind disconnects, and misses nothing', async () => {
  const total = 5_000
  const hungUp = Promise.withResolvers<void>()
  await using server = await startScriptedServer(
    {},
    {
      'tasks.onChange': (call, res) => {
        open(res)
        res.on('close', hungUp.resolve)
        for (let id = lastOf(call) + 1; id <= total; id += 1) emit(res, id)
      },
    },
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const events = client.tasks.onChange.subscribe({ projectId })
  await hungUp.promise
  const ids: string[] = []
  for await (const { id } of events) {
    ids.push(id)
    if (ids.length === total) break
  }
  expect(ids).toEqual(Array.from({ length: total }, (_, index) => String(index + 1)))
})

test('a server that is not there yet is waited for', async () => {
  const first = await startScriptedServer({})
  await first[Symbol.asyncDispose]()
  const client = createClient({ baseUrl: first.baseUrl, retry })
  const onStarted = vi.fn<() => void>()
  const unsubscribe = client.tasks.onChange.subscribe({ projectId }, { onData: () => {}, onStarted })
  await using server = await startScriptedServer(
    {},
    { 'tasks.onChange': (_call, res) => open(res) },
    Number(new URL(first.baseUrl).port),
  )
  await vi.waitFor(() => expect(onStarted).toHaveBeenCalledOnce())
  unsubscribe()
  expect(server.calls.length).toBe(1)
})
