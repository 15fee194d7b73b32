import { createClient, type PlinthError } from '@plinth/client'
import { expect, test } from 'vitest'
import { type StreamScript, startScriptedServer } from './scripted-server.ts'

const projectId = '8d6a4d9c-2f1b-4c6e-9a57-0d3b1e8f7a21'
const retry = { baseDelayMs: 5, maxDelayMs: 50 }
const CONNECTED = 'event: connected\ndata: {}\n\n'

const serverOf = (script: StreamScript) => startScriptedServer({}, { 'tasks.onChange': script })

/** The error that ends a stream. */
function endOf(options: Parameters<typeof createClient>[0]): Promise<PlinthError> {
  return new Promise((resolve) => {
    createClient({ retry, ...options }).tasks.onChange.subscribe(
      { projectId },
      { onData: () => {}, onError: resolve },
    )
  })
}

/** A stream written by hand, and nothing after it. */
function written(text: string): StreamScript {
  return (_call, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    res.write(text)
  }
}

test('a server that is silent for longer than it promised counts as lost', async () => {
  await using server = await serverOf(({ earlier }, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.write('event: connected\ndata: {"reconnectAfterInactivityMs":30}\n\n')
    if (earlier > 0) res.write('data: {"n":1}\nid: 1\n\n')
  })
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const lost = Promise.withResolvers<PlinthError | undefined>()
  const id = await new Promise<string>((resolve) => {
    const close = client.tasks.onChange.subscribe(
      { projectId },
      {
        onReconnecting: lost.resolve,
        onData(event) {
          close()
          resolve(event.id)
        },
      },
    )
  })
  expect(id).toBe('1')
  expect(await lost.promise).toMatchObject({
    code: 'NETWORK_ERROR',
    message: 'The server could not be reached (nothing came for 30 ms).',
  })
})

test.each([
  ['the first words', {}, 'id: 41\n'],
  ['a header', { 'x-stream-position': '41' }, ''],
])('a connection lost before its first event resumes at the position in %s', async (_name, headers, line) => {
  await using server = await serverOf(({ earlier, input }, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
    res.write(`event: connected\ndata: {}\n${line}\n`)
    if (earlier === 0) res.write('', () => res.destroy())
    else res.end(`data: ${JSON.stringify(input)}\nid: 42\n\n`)
  })
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const events = client.tasks.onChange.subscribe({ projectId })
  expect((await events.next()).value).toEqual({ id: '42', data: { projectId, lastEventId: '41' } })
  await events.return?.()
})

test('it does not matter how the bytes arrive', async () => {
  const text = `\ufeff${CONNECTED}: a comment\r\nretry: 5\r\ndata: {"title":\r\ndata: "Grüße 👋"}\r\nid: 7\r\n\r\nevent: ping\ndata: \n\ndata: 8\nid: 8\n\nevent: return\ndata: \n\n`
  const bytes = new TextEncoder().encode(text)
  const fetch = async () =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    )
  const client = createClient({ baseUrl: 'http://stream.example', retry, fetch })
  const events: unknown[] = []
  for await (const event of client.tasks.onChange.subscribe({ projectId })) events.push(event)
  expect(events).toEqual([
    { id: '7', data: { title: 'Grüße 👋' } },
    { id: '8', data: 8 },
  ])
})

test('nothing comes after unsubscribing, even if it has arrived', async () => {
  await using server = await serverOf(
    written(`${CONNECTED}data: 1\nid: 1\n\ndata: 2\nid: 2\n\nevent: return\ndata: \n\n`),
  )
  const client = createClient({ baseUrl: server.baseUrl, retry })
  const heard: string[] = []
  await new Promise<void>((resolve) => {
    const close = client.tasks.onChange.subscribe(
      { projectId },
      {
        onData({ id }) {
          heard.push(id)
          close()
          setImmediate(resolve)
        },
        onComplete: () => heard.push('completed'),
      },
    )
  })
  expect(heard).toEqual(['1'])
})

test.each([
  ['an event that is not JSON', written(`${CONNECTED}data: <p>\nid: 1\n\n`)],
  ['first words that are not JSON', written('event: connected\ndata: hello\n\n')],
  ['an error of another kind', written(`${CONNECTED}event: serialized-error\ndata: {"message":"no"}\n\n`)],
] satisfies [string, StreamScript][])('%s comes from something else', async (_name, script) => {
  await using server = await serverOf(script)
  expect(await endOf({ baseUrl: server.baseUrl })).toMatchObject({ code: 'BAD_RESPONSE', retryable: false })
})

test('a page that is not a stream ends it', async () => {
  await using server = await serverOf((_call, res) => {
    res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>')
  })
  expect(await endOf({ baseUrl: server.baseUrl })).toMatchObject({ code: 'BAD_RESPONSE', status: 200 })
})

test('a fetch that cannot stream is told from a lost connection', async () => {
  const fetch = async () => new Response(null, { headers: { 'content-type': 'text/event-stream' } })
  const error = await endOf({ baseUrl: 'http://stream.example', fetch })
  expect(error).toMatchObject({ code: 'CLIENT_ERROR', path: 'tasks.onChange' })
  expect(error.message).toContain('cannot be read as a stream')
})

test('what goes wrong before the request ends the stream', async () => {
  const headers = () => Promise.reject(new Error('no header today'))
  expect(await endOf({ baseUrl: 'http://stream.example', headers })).toMatchObject({
    code: 'CLIENT_ERROR',
    message: 'tasks.onChange could not be called (no header today).',
  })
  expect(await endOf({ baseUrl: 'nowhere' })).toMatchObject({ code: 'CLIENT_ERROR' })
})

test('a stream asks for one, with the token and the headers of the program, past every cache', async () => {
  const asked = Promise.withResolvers<{ url: string; init: RequestInit | undefined }>()
  const fetch: typeof globalThis.fetch = async (url, init) => {
    asked.resolve({ url: String(url), init })
    return new Response(`${CONNECTED}event: return\ndata: \n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    })
  }
  const client = createClient({
    baseUrl: 'http://stream.example/api/',
    apiKey: 'key',
    cookies: true,
    headers: { 'x-own': 'yes' },
    fetch,
  })
  for await (const _ of client.tasks.onChange.subscribe({ projectId })) break
  const { url, init } = await asked.promise
  expect(url).toBe(
    `http://stream.example/api/trpc/tasks.onChange?input=${encodeURIComponent(JSON.stringify({ projectId }))}`,
  )
  expect(init).toMatchObject({
    cache: 'no-store',
    credentials: 'include',
    headers: { accept: 'text/event-stream', authorization: 'Bearer key', 'x-own': 'yes' },
  })
})
