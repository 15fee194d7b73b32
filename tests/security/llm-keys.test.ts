import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query } from '../support/http.ts'
import { type Caller, type ChatWorld, createChatWorld } from '../support/llm/chat-world.ts'
import { faults, VENDOR_SECRET } from '../support/llm/faults.ts'
import { saying } from '../support/llm/script.ts'
import {
  COMPATIBLE_MODEL,
  startVendorServer,
  type VendorServer,
  vendorKey,
} from '../support/llm/vendor-server.ts'
import { expectNoEffect } from '../support/no-effect.ts'

const OWN_KEY = 'own-key-of-a-user-Wq73'
/** What a server inside would say, and must never be passed on. */
const INSIDE = 'inside-Kp52-metadata'

let chat: ChatWorld
let own: VendorServer
let canaries: Server[] = []
let hits = 0
let port = 0

beforeAll(async () => {
  own = await startVendorServer()
  chat = await createChatWorld()
  const canary = () =>
    createServer((_request, response) => {
      hits += 1
      response.end(INSIDE)
    })
  const four = canary()
  port = await listen(four, 0, '127.0.0.1')
  const six = canary()
  await listen(six, port, '::1').catch(() => undefined)
  canaries = [four, six]
}, 60_000)
afterAll(async () => {
  await chat?.[Symbol.asyncDispose]()
  await own?.[Symbol.asyncDispose]()
  for (const canary of canaries) canary.close()
})

function listen(server: Server, at: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

function setKey(who: Caller, baseUrl: string | undefined, provider = 'openai-compatible') {
  const input = { provider, apiKey: OWN_KEY, ...(baseUrl === undefined ? {} : { baseUrl }) }
  return mutate(chat.world.server.baseUrl, 'providers.setKey', input, { token: who.token })
}

describe('L1 addresses that users give cannot reach inside', () => {
  test('none that leads to this machine, a private network or another protocol is taken', async () => {
    const { editor } = chat.world.principals
    const urls = [
      ...[`http://127.0.0.1:${port}/v1`, `http://localhost:${port}/v1`, `http://localhost.:${port}/v1`],
      ...[
        `http://[::1]:${port}/v1`,
        `http://[::ffff:127.0.0.1]:${port}/v1`,
        `http://[::ffff:7f00:1]:${port}`,
      ],
      ...[
        `http://0x7f.1:${port}/v1`,
        `http://2130706433:${port}/v1`,
        `http://0177.0.0.1:${port}/`,
        `http://0:${port}`,
      ],
      ...[`http://0.0.0.0:${port}/v1`, `http://[::]:${port}/v1`, `http://127.1:${port}/v1`],
      ...[
        `http://user@127.0.0.1:${port}/v1`,
        `http://example.com@127.0.0.1:${port}/v1`,
        `http://a:b@example.com/v1`,
      ],
      ...['http://10.0.0.1/v1', 'http://172.16.0.1/v1', 'http://192.168.1.1/v1', 'http://100.64.0.1/v1'],
      ...['http://169.254.169.254/latest/meta-data', 'http://[fd00:ec2::254]/', 'http://[fe80::1]/v1'],
      ...[
        'http://metadata.google.internal/v1',
        'http://printer.local/v1',
        'http://db/v1',
        'http://224.0.0.1/',
      ],
      ...[
        'http://[64:ff9b::7f00:1]/v1',
        'http://[2002:7f00:1::]/v1',
        'http://198.18.0.1/v1',
        'http://255.255.255.255/',
      ],
      ...[
        'file:///etc/passwd',
        'gopher://127.0.0.1/',
        'ftp://example.com/',
        'data:text/plain,x',
        'javascript:1',
      ],
      ...[
        '//127.0.0.1/v1',
        'example.com',
        'http://',
        'http:///v1',
        'http://%31%32%37.0.0.1/v1',
        'http://１２７.0.0.1/',
      ],
      ...['https://example.com/v1?x=http://127.0.0.1', 'https://example.com/#x', 'https://exa mple.com/v1'],
    ]
    for (const url of urls) {
      const answer = await expectNoEffect(chat.world.server.database, () => setKey(editor, url))
      expectRefused(answer, 400)
      expect([url, answer.error?.reason]).toEqual([url, 'INVALID_URL'])
      expect(answer.error?.issues[0]?.field).toBe('baseUrl')
      expect(answer.text).not.toContain(INSIDE)
    }
    expect(hits).toBe(0)
  }, 60_000)

  test('an address that was changed in the database is not used', async () => {
    const { editor } = chat.world.principals
    const { baseUrl, database } = chat.world.server
    expectOk(await setKey(editor, 'https://models.example.com/v1'))
    await database.pool.query('UPDATE provider_keys SET base_url = $2 WHERE user_id = $1', [
      editor.id,
      `http://127.0.0.1:${port}/v1`,
    ])
    const reply = await chat.ask(editor, await chat.thread(editor), 'Hello?')
    expect(JSON.stringify([reply.message, reply.events])).not.toContain(INSIDE)
    expect(hits).toBe(0)
    const provider = { provider: 'openai-compatible' }
    expectOk(await mutate(baseUrl, 'providers.removeKey', provider, { token: editor.token }))
  })

  test('an answer that asks to go elsewhere is not followed', async () => {
    const { owner } = chat.world.principals
    for (const location of [`http://127.0.0.1:${port}/v1/chat/completions`, `http://[::1]:${port}/`]) {
      chat.vendor.answer(() => faults.redirect(location))
      const reply = await chat.ask(owner, await chat.thread(owner), 'Hello?')
      expect(reply.state).toBe('failed')
      expect(JSON.stringify([reply.message, reply.events])).not.toContain(INSIDE)
    }
    chat.vendor.answer(saying('Well.'))
    expect(hits).toBe(0)
  })
})

describe('L2 a key goes to its own provider and nowhere else', () => {
  test('with an address of one’s own, the platform’s key stays at home, and one’s own key goes nowhere but there', async () => {
    // Here users may name this machine, as on a network of one's own.
    await using open = await createChatWorld({ OUTBOUND_PRIVATE_HOSTS: '127.0.0.1' })
    const { viewer, owner } = open.world.principals
    const { baseUrl } = open.world.server
    const provider = 'openai-compatible'
    const key = { provider, apiKey: OWN_KEY, baseUrl: own.urls.compatible }
    expectOk(await mutate(baseUrl, 'providers.setKey', key, { token: viewer.token }))
    expectOk(
      await mutate(baseUrl, 'providers.test', { provider, model: COMPATIBLE_MODEL }, { token: viewer.token }),
    )
    const reply = await open.ask(viewer, await open.thread(viewer), 'Hello?')
    expect(reply.state).toBe('done')
    expect(own.requests.length).toBeGreaterThan(0)
    for (const request of own.requests) {
      expect(request.key).toBe(OWN_KEY)
      expect(JSON.stringify([request.headers, request.path, request.body])).not.toContain('platform-key')
    }
    expect(open.vendor.requests).toEqual([])

    // And the other way round: everybody else is answered with the platform's.
    await open.ask(owner, await open.thread(owner), 'Hello?')
    expect(open.vendor.requests.at(-1)?.key).toBe(vendorKey('compatible'))
    expect(JSON.stringify(open.vendor.requests)).not.toContain(OWN_KEY)
  }, 60_000)

  test('an address cannot be set without a key, nor for a provider that has one address', async () => {
    const { editor } = chat.world.principals
    const { baseUrl } = chat.world.server
    const as = { token: editor.token }
    for (const input of [
      { provider: 'openai', apiKey: OWN_KEY, baseUrl: 'https://models.example.com/v1' },
      { provider: 'openai-compatible', baseUrl: 'https://models.example.com/v1' },
      { provider: 'openai-compatible', apiKey: '', baseUrl: 'https://models.example.com/v1' },
      {
        provider: 'openai-compatible',
        apiKey: 'with space and\nline',
        baseUrl: 'https://models.example.com/v1',
      },
    ]) {
      const answer = await expectNoEffect(chat.world.server.database, () =>
        mutate(baseUrl, 'providers.setKey', input, as),
      )
      expectRefused(answer, 400)
    }
  })

  test('of a stored key only the end is ever shown, and the row opens for nobody else', async () => {
    const { editor, stranger } = chat.world.principals
    const { baseUrl, database } = chat.world.server
    expectOk(await setKey(editor, undefined, 'openai'))
    const list = await query(baseUrl, 'providers.list', {}, { token: editor.token })
    expectOk(list)
    expect(list.text).toContain(OWN_KEY.slice(-4))
    expect(list.text).not.toContain(OWN_KEY.slice(0, 12))
    const { rows } = await database.pool.query<{ row: string; sealed: Buffer }>(
      'SELECT k::text AS row, sealed FROM provider_keys k WHERE user_id = $1',
      [editor.id],
    )
    for (const { row, sealed } of rows) {
      expect(row).not.toContain(OWN_KEY)
      expect(sealed.toString('latin1')).not.toContain(OWN_KEY)
      expect(row).not.toContain(Buffer.from(OWN_KEY).toString('hex'))
    }
    const { rows: audit } = await database.pool.query<{ row: string }>(
      'SELECT a::text AS row FROM audit_events a',
    )
    expect(audit.map(({ row }) => row).join('\n')).not.toContain(OWN_KEY)

    // Moved to another user's row it is no key: neither this one nor the platform's is sent in its place to a wrong hand.
    await database.pool.query(
      `INSERT INTO provider_keys (id, user_id, provider, sealed, last_four, base_url, updated_at)
       SELECT gen_random_uuid(), $2, provider, sealed, last_four, base_url, now() FROM provider_keys WHERE user_id = $1 AND provider = 'openai'`,
      [editor.id, stranger.id],
    )
    await mutate(baseUrl, 'providers.test', { provider: 'openai' }, { token: stranger.token })
    expect(JSON.stringify(chat.vendor.requests)).not.toContain(OWN_KEY)
  })

  test('what a provider says of an error is not passed on', async () => {
    const { owner } = chat.world.principals
    for (const status of [400, 401, 403, 404, 422, 500, 529]) {
      chat.vendor.answer(() => faults.status(status))
      const reply = await chat.ask(owner, await chat.thread(owner), 'Hello?')
      expect(reply.state).toBe('failed')
      expect(JSON.stringify([reply.message, reply.events])).not.toContain(VENDOR_SECRET)
    }
    chat.vendor.answer(saying('Well.'))
  })
})
