import { createClient, safe } from '@plinth/client'
import { afterEach, expect, test, vi } from 'vitest'

const file = new File(['x'.repeat(1_000)], 'a.txt', { type: 'text/plain' })
const stored = { result: { data: { id: 'f1' } } }

afterEach(() => vi.unstubAllGlobals())

/** What a page has instead of a `fetch` that tells how far it is; the test decides when something happens. */
class FakePageRequest {
  static last: FakePageRequest | undefined
  readonly headers: Record<string, string> = {}
  readonly upload: { onprogress: ((event: { loaded: number }) => void) | null } = { onprogress: null }
  status = 200
  responseText = JSON.stringify(stored)
  withCredentials = false
  onload: (() => void) | null = null
  onerror: (() => void) | null = null
  onabort: (() => void) | null = null
  url = ''
  body: Blob | undefined

  constructor() {
    FakePageRequest.last = this
  }

  open(method: string, url: string): void {
    this.url = `${method} ${url}`
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }

  getResponseHeader(): string | null {
    return null
  }

  send(body: Blob): void {
    this.body = body
  }

  abort(): void {
    this.onabort?.()
  }
}

async function sending(): Promise<{ request: FakePageRequest; body: Blob }> {
  return await vi.waitFor(() => {
    const request = FakePageRequest.last
    if (request?.body === undefined) throw new Error('Nothing is sent yet')
    return { request, body: request.body }
  })
}

test('a page sends by XMLHttpRequest, and is told how much of the file has gone', async () => {
  vi.stubGlobal('XMLHttpRequest', FakePageRequest)
  const client = createClient({ baseUrl: 'https://plinth.test/' })
  const seen: number[] = []
  const uploading = client.files.upload.mutate({ file }, { onUploadProgress: ({ sent }) => seen.push(sent) })
  const { request, body } = await sending()
  const text = await body.text()
  const before = text.indexOf('xxx')
  for (const loaded of [0, before, before + 500, body.size]) request.upload.onprogress?.({ loaded })
  request.onload?.()
  expect(await uploading).toEqual({ id: 'f1' })
  expect(seen).toEqual([0, 0, 500, 1_000])
  expect(request.url).toBe('POST https://plinth.test/trpc/files.upload')
  const boundary = text.slice(2, text.indexOf('\r\n'))
  expect(request.headers).toMatchObject({
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'idempotency-key': expect.stringMatching(/^[\da-f]{32}$/),
  })
})

test('a page that goes away ends it', async () => {
  vi.stubGlobal('XMLHttpRequest', FakePageRequest)
  FakePageRequest.last = undefined
  const client = createClient({ baseUrl: 'https://plinth.test' })
  const controller = new AbortController()
  const uploading = safe(client.files.upload.mutate({ file }, { signal: controller.signal }))
  await sending()
  controller.abort()
  expect((await uploading)[0]).toMatchObject({ code: 'ABORTED' })
})

test.each(['XMLHttpRequest', 'ServiceWorkerGlobalScope'])(
  'with a fetch of its own, where there is %s, a client sends no stream',
  async (name) => {
    vi.stubGlobal(name, FakePageRequest)
    const bodies: unknown[] = []
    const client = createClient({
      baseUrl: 'https://plinth.test',
      fetch: async (_url, init) => {
        bodies.push(init?.body)
        return Response.json(stored)
      },
    })
    const seen: number[] = []
    await client.files.upload.mutate({ file }, { onUploadProgress: ({ sent }) => seen.push(sent) })
    expect(bodies).toEqual([expect.any(Blob)])
    expect(seen).toEqual([1_000])
  },
)
