import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testConfig } from '../support/config.ts'
import { type Answer, send } from '../support/http.ts'
import { addPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

const PATHS = ['/docs', '/docs/errors', '/openapi.json', '/llms.txt', '/llms-full.txt'] as const
/** What says something of the API; the page itself is an empty shell. */
const CONTENTS = PATHS.filter((path) => path !== '/docs')

let server: TestServer
let adminsOnly: TestServer
let off: TestServer

beforeAll(async () => {
  server = await startServer({ variables: { DOCS_ACCESS: 'public' } })
  adminsOnly = await startServer({ variables: { DOCS_ACCESS: 'admin' }, beside: server })
  off = await startServer({ variables: { DOCS_ACCESS: 'off' }, beside: server })
})
afterAll(async () => {
  await off[Symbol.asyncDispose]()
  await adminsOnly[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** An answer without what differs from call to call. */
function withoutIds({ status, headers, text }: Answer) {
  const ids = [headers.get('x-request-id') ?? 'none']
  const kept = [...headers].filter(([name]) => !['x-request-id', 'date', 'server-timing'].includes(name))
  return { status, kept, text: ids.reduce((all, id) => all.replaceAll(id, '<id>'), text) }
}

describe('DOCS_ACCESS=off', () => {
  test.each([...PATHS, '/docs/assets/docs.js'])(
    'GET %s is answered as any address where nothing is (T15)',
    async (path) => {
      const answer = await send(`${off.baseUrl}${path}`)
      expect(answer.status).toBe(404)
      expect(withoutIds(answer)).toEqual(withoutIds(await send(`${off.baseUrl}/nothing-is-here`)))
    },
  )

  test('is what production has unless told otherwise', () => {
    const config = testConfig({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://api.plinth.test',
      BCRYPT_COST: '12',
    })
    expect(config.docsAccess).toBe('off')
  })
})

describe('DOCS_ACCESS=admin', () => {
  test('the shell is for everyone and holds nothing of the API', async () => {
    const { status, text } = await send(`${adminsOnly.baseUrl}/docs`)
    expect(status).toBe(200)
    expect(text).not.toMatch(/tasks|\/api\/v1/)
  })

  test.each(CONTENTS)('%s is for admins: 401, 403, 200', async (path) => {
    const url = `${adminsOnly.baseUrl}${path}`
    const [user, admin] = [await addPerson(server, 'user'), await addPerson(server, 'boss', 'admin')]
    const stranger = await send(url)
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(stranger.text.length).toBeLessThan(1_000)
    expect((await send(url, as('plk_AAAAAAAA_not-a-key'))).status).toBe(401)
    expect((await send(url, as(user.token))).status).toBe(403)
    const answer = await send(url, as(admin.token))
    expect(answer.status).toBe(200)
    expect(answer.text.length).toBeGreaterThan(3_000)
  })

  test('what an admin got is kept by no shared cache', async () => {
    const { token } = await addPerson(server, 'boss', 'admin')
    const { headers } = await send(`${adminsOnly.baseUrl}/openapi.json`, as(token))
    expect(headers.get('cache-control')).toBe('private, no-cache')
    expect(headers.get('vary')).toContain('Authorization')
  })
})

describe('DOCS_ACCESS=public', () => {
  test.each(PATHS)('%s has its type and safe headers (T7)', async (path) => {
    const { status, headers, text } = await send(`${server.baseUrl}${path}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(
      path.startsWith('/docs')
        ? /^text\/html; charset=utf-8$/
        : /^(application\/json|text\/plain); charset=utf-8$/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toMatch(/unsafe|\*|https?:/)
    if (path !== '/docs') expect(policy).not.toContain('script-src')
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  test('the page’s nonces are new each time', async () => {
    const policies = await Promise.all([1, 2].map(() => send(`${server.baseUrl}/docs`)))
    const [first, second] = policies.map(({ headers }) => headers.get('content-security-policy'))
    expect(first).not.toBe(second)
  })

  test('files of the page are kept for good, are whole when compressed, and are no other files', async () => {
    const { text } = await send(`${server.baseUrl}/docs`)
    const paths = [...text.matchAll(/"(\/docs\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
    expect(paths).toHaveLength(3)
    for (const path of paths) {
      const zipped = await fetch(`${server.baseUrl}${path}`)
      expect(zipped.headers.get('content-encoding')).toBe('gzip')
      expect(zipped.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      const plain = await fetch(`${server.baseUrl}${path}`, { headers: { 'accept-encoding': 'identity' } })
      expect(plain.headers.get('content-encoding')).toBeNull()
      expect(await zipped.text()).toBe(await plain.text())
    }
    const [script = ''] = paths.filter((path) => path.includes('scalar'))
    for (const other of [
      `${script}.map`,
      script.replace('scalar-', 'x-'),
      '/docs/assets/',
      '/docs/assets/..%2fpage.ts',
    ]) {
      expect((await send(`${server.baseUrl}${other}`)).status, other).toBe(404)
    }
  })

  test('whoever has the document is told so', async () => {
    const first = await fetch(`${server.baseUrl}/openapi.json`)
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[\w-]{22}-gzip"$/)
    const again = await fetch(`${server.baseUrl}/openapi.json`, {
      headers: { 'if-none-match': `"x", W/${tag}` },
    })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const head = await fetch(`${server.baseUrl}/openapi.json`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('llms.txt names every procedure, llms-full.txt how each is called', async () => {
    const index = await send(`${server.baseUrl}/llms.txt`)
    expect(index.text).toContain('`tasks.list` (`GET /api/v1/projects/{projectId}/tasks`)')
    const full = await send(`${server.baseUrl}/llms-full.txt`)
    for (const part of [
      'client.tasks.list.query(',
      'plinth tasks list',
      'curl ',
      '"tools/call"',
      'SLUG_TAKEN',
    ])
      expect(full.text).toContain(part)
  })
})
