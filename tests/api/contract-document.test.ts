import { afterAll, beforeAll, expect, test } from 'vitest'
import { field, send } from '../support/http.ts'
import { addPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ variables: { DOCS_ACCESS: 'public' } })
})

afterAll(() => server?.[Symbol.asyncDispose]())

test('/contract.json tells what a program needs to make its own calls', async () => {
  const answer = await send(`${server.baseUrl}/contract.json`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(answer.headers.get('cache-control')).toBe('public, no-cache')
  expect(answer.body).toMatchObject({ format: 1, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  const procedures = proceduresIn(answer.body)
  const paths = procedures.map((entry) => field(entry, 'path'))
  expect(paths).toContain('tasks.list')
  expect(paths).toEqual([...paths].sort())
  expect(paths.filter((path) => /^auth\.(?:login|logout|refresh|register)$/.test(String(path)))).toEqual([])
  const { input, output, ...rest } = Object(
    procedures.find((entry) => field(entry, 'path') === 'tasks.delete'),
  )
  expect(input).toMatchObject({ type: 'object', required: ['id'] })
  expect(output).toMatchObject({ $ref: '#/$defs/Done' })
  expect(rest).toMatchInlineSnapshot(`
    {
      "access": {
        "min": "editor",
        "who": "member",
      },
      "batch": false,
      "deprecated": null,
      "description": null,
      "destructive": true,
      "errors": [
        {
          "code": "UNPROCESSABLE_CONTENT",
          "message": "This idempotency key was used with other input.",
          "reason": "IDEMPOTENCY_MISMATCH",
        },
        {
          "code": "SERVICE_UNAVAILABLE",
          "message": "The server is busy; try again shortly.",
          "reason": "OVERLOADED",
        },
        {
          "code": "FORBIDDEN",
          "message": "The API key does not carry the scope this call needs.",
          "reason": "SCOPE_MISSING",
        },
      ],
      "example": {
        "id": "00000000-0000-4000-8000-0ebb429fa86d",
      },
      "freshMinutes": null,
      "idempotent": false,
      "job": null,
      "kind": "mutation",
      "path": "tasks.delete",
      "scope": "tasks:write",
      "summary": "Delete a task; it can be restored.",
      "upload": false,
    }
  `)
})

test('it has a strong tag, and is not sent again to who has it', async () => {
  const url = `${server.baseUrl}/contract.json`
  const etag = (await send(url)).headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[\w-]{22}-gzip"$/)
  for (const header of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
    const again = await send(url, { headers: { 'if-none-match': header } })
    expect(again).toMatchObject({ status: 304, text: '' })
    expect(again.headers.get('etag')).toBe(etag)
  }
  expect((await send(url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  const plain = await send(url, { headers: { 'accept-encoding': 'gzip;q=0' } })
  expect([plain.headers.get('content-encoding'), plain.headers.get('etag')]).toEqual([
    null,
    etag.replace('-gzip', ''),
  ])
  expect((await send(url, { method: 'HEAD' })).headers.get('etag')).toBe(etag)
  expect((await send(url, { method: 'POST' })).status).toBe(404)
})

test('where the documentation is not public: for who is logged in; others learn nothing', async () => {
  await using closed = await startServer({ variables: { DOCS_ACCESS: 'off', TRUSTED_PROXIES: '127.0.0.1' } })
  const { token } = await addPerson(closed)
  const get = (path: string, authorization?: string) =>
    send(`${closed.baseUrl}${path}`, authorization === undefined ? {} : { headers: { authorization } })
  const mine = await get('/contract.json', `Bearer ${token}`)
  expect(mine.status).toBe(200)
  expect(mine.headers.get('cache-control')).toBe('private, no-cache')
  expect(mine.headers.get('vary')).toContain('Authorization')
  for (const authorization of [undefined, 'Bearer made-up']) {
    const [refused, nowhere] = [
      await get('/contract.json', authorization),
      await get('/nowhere', authorization),
    ]
    expect(refused.status).toBe(404)
    expect(withoutTrace(refused.text)).toBe(withoutTrace(nowhere.text))
  }
})

function proceduresIn(body: unknown): unknown[] {
  const procedures = field(body, 'procedures')
  return Array.isArray(procedures) ? procedures : []
}

function withoutTrace(text: string): string {
  return text.replaceAll(/[0-9a-f]{32}/g, 'trace')
}
