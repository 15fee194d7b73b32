import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { scopes } from '../../server/src/contract/scopes.ts'
import { expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, mutate, send } from '../support/http.ts'
import { connectMcp, ENVELOPE, postMcp, request, toolCall } from '../support/mcp.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, newAddress } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer } from '../support/server.ts'
import { CANARY, createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const post = (message: unknown, token?: string, headers?: Record<string, string>) =>
  postMcp(world.server, message, { token, headers: { ...newAddress(), ...headers } })

/** A call that would have an effect if it were let in. */
const create = () => toolCall('tasks_create', { projectId: world.alpha.projectId, title: 'must not be' })
const editor = () => world.principals.editor.token ?? ''

function refused(answer: Answer, status: number): Answer {
  expectRefused(answer, status)
  expect(answer.body).toMatchObject({ jsonrpc: '2.0' })
  return answer
}

/** The result of a message that was answered. */
function resultOf(answer: Answer): unknown {
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
  return field(answer.body, 'result')
}

function errorOf(answer: Answer): unknown {
  return field(field(resultOf(answer), '_meta'), 'plinth/error')
}

describe('L7 who may speak to it', () => {
  it.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'http://127.0.0.1:1'])(
    'refuses pages of the origin %s',
    async (origin) => {
      await expectNoEffect(world.server.database, async () =>
        refused(await post(create(), editor(), { origin }), 403),
      )
    },
  )

  it('takes pages of its own origin', async () => {
    const origin = new URL(world.server.config.publicUrl).origin
    expect(resultOf(await post(request('tools/list'), editor(), { origin }))).toHaveProperty('tools')
  })

  it.each(['evil.example', 'evil.example:4000', '127.0.0.1.evil.example', 'localhost@evil.example'])(
    'refuses the host %s',
    async (host) => {
      const headers = [`Host: ${host}`, 'Content-Type: application/json', `Authorization: Bearer ${editor()}`]
      const bytes = rawRequest('POST /mcp HTTP/1.1', headers, JSON.stringify(create()))
      const answer = await sendRaw(world.server.baseUrl, bytes, { headOnly: true })
      expect(answer.status).toBe(403)
    },
  )

  it('asks for a credential as RFC 6750 says, and points nowhere: it is no OAuth server', async () => {
    await expectNoEffect(world.server.database, async () => {
      const none = refused(await post(create()), 401)
      expect(none.headers.get('www-authenticate')).toBe('Bearer realm="plinth"')
      for (const token of ['nonsense', 'plinth_nonsense', `${editor()}x`, 'a.b.c']) {
        const wrong = refused(await post(create(), token), 401)
        expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="plinth", error="invalid_token"')
      }
    })
    const metadata = await send(`${world.server.baseUrl}/.well-known/oauth-protected-resource`)
    expect(metadata.status).toBe(404)
  })

  it.each(['expiredToken', 'revokedSession', 'suspendedEditor'] as const)('refuses a %s', async (name) => {
    await expectNoEffect(world.server.database, async () =>
      refused(await post(create(), world.principals[name].token), 401),
    )
  })

  it('takes no cookie for a credential', async () => {
    refused(await post(create(), undefined, { cookie: 'plinth-refresh=anything' }), 401)
  })

  it('lists what a key may do, and refuses the rest', async () => {
    const { narrowKey } = world.principals
    const tools = field(resultOf(await post(request('tools/list'), narrowKey.token)), 'tools')
    const names = Array.isArray(tools) ? tools.map((tool) => field(tool, 'name')) : []
    expect(names).toEqual([
      'tasks_get',
      'tasks_list',
      'search_procedures',
      'call_procedure',
      'wait_for_events',
    ])
    await expectNoEffect(world.server.database, async () => {
      const direct = errorOf(await post(create(), narrowKey.token))
      expect(direct).toMatchObject({ httpStatus: 403, reason: 'SCOPE_MISSING' })
      const byName = { name: 'tasks_create', arguments: { projectId: world.alpha.projectId, title: 'no' } }
      const around = errorOf(await post(toolCall('call_procedure', byName), narrowKey.token))
      expect(around).toMatchObject({ httpStatus: 403, reason: 'SCOPE_MISSING' })
      const stream = { name: 'notifications.onNew', arguments: {} }
      const waited = errorOf(await post(toolCall('wait_for_events', stream), narrowKey.token))
      expect(waited).toMatchObject({ httpStatus: 403, reason: 'SCOPE_MISSING' })
    })
    const search = toolCall('search_procedures', { query: 'project report file', limit: 10 })
    expect(resultOf(await post(search, narrowKey.token))).toMatchObject({
      structuredContent: { procedures: expect.not.arrayContaining([{ name: 'projects_list' }]) },
    })
  })

  it.each(['auth.login', 'auth_changePassword', 'apiKeys.create', 'apiKeys_list'])(
    'cannot be talked into %s',
    async (name) => {
      const answer = await post(toolCall('call_procedure', { name, arguments: {} }), editor())
      expect(errorOf(answer)).toMatchObject({ code: 'NOT_FOUND' })
      const direct = await post(toolCall(name.replace('.', '_')), editor())
      expect(field(direct.body, 'error')).toMatchObject({ code: -32602 })
    },
  )
})

describe('L8 what belongs to one caller', () => {
  it('shows nothing of a project to strangers, through tools, search, waiting or resources', async () => {
    const { token } = world.principals.stranger
    const { projectId, taskId } = world.alpha
    const asked = [
      toolCall('tasks_get', { id: taskId }),
      toolCall('tasks_list', { projectId }),
      toolCall('call_procedure', { name: 'reports_list', arguments: { projectId } }),
      toolCall('wait_for_events', { name: 'tasks_onChange', arguments: { projectId } }),
      request('resources/read', { uri: `plinth://tasks/${taskId}` }),
      request('resources/list'),
    ]
    for (const message of asked) {
      const answer = await post(message, token)
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain(CANARY)
    }
  })

  it('keeps the answers of clients apart that call at once, with the same ids', async () => {
    const callers = (['viewer', 'editor', 'owner', 'stranger', 'otherOwner'] as const).map(
      (name) => world.principals[name],
    )
    const calls = Array.from({ length: 40 }, (_, index) => callers[index % callers.length])
    const answers = await Promise.all(
      calls.map(async (caller) => {
        const answer = await post(toolCall('users_me', {}, 7), caller?.token)
        return [field(field(resultOf(answer), 'structuredContent'), 'id'), caller?.id]
      }),
    )
    for (const [told, own] of answers) expect(told).toBe(own)
  })

  it('keeps no state that somebody could take over', async () => {
    const answer = await post(request('tools/list'), editor(), { 'mcp-session-id': 'of-somebody-else' })
    expect(answer.headers.get('mcp-session-id')).toBeNull()
    const handle = { name: 'tasks_list', arguments: {}, requestState: 'of-somebody-else' }
    const replayed = await post(request('tools/call', handle), editor())
    expect(errorOf(replayed)).toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('ends a wait soon after the credential ended', async () => {
    const { projectId } = world.alpha
    const key = await mutate(
      world.server.baseUrl,
      'apiKeys.create',
      { name: 'short-lived', scopes: [...scopes] },
      { token: world.principals.editor.token, headers: newAddress() },
    )
    const token = String(field(key.data, 'key'))
    await using client = await connectMcp(world.server, token)
    const wait = { name: 'tasks.onChange', arguments: { projectId }, waitSeconds: 30 }
    const waiting = client.callTool({ name: 'wait_for_events', arguments: wait })
    const { prisma } = world.server.database
    await expect
      .poll(() => prisma.apiKey.findFirst({ where: { name: 'short-lived', lastUsedAt: { not: null } } }))
      .not.toBeNull()
    const id = field(key.data, 'id')
    await mutate(world.server.baseUrl, 'apiKeys.revoke', { id }, { token: world.principals.editor.token })
    expect(field((await waiting)._meta, 'plinth/error')).toMatchObject({ code: 'UNAUTHORIZED' })
    refused(await post(request('tools/list'), token), 401)
  })
})

describe('L8 messages that are none', () => {
  const cases: readonly [string, unknown, number, number][] = [
    ['no JSON', '{', 400, -32700],
    ['nothing', '', 400, -32700],
    ['a number', '7', 400, -32600],
    ['null', 'null', 400, -32600],
    ['a batch', [request('tools/list'), request('tools/list', {}, 2)], 400, -32600],
    [
      'a batch of 1,000',
      Array.from({ length: 1_000 }, (_, id) => request('tools/list', {}, id)),
      400,
      -32600,
    ],
    ['an empty batch', [], 400, -32600],
    ['another version', { ...request('tools/list'), jsonrpc: '1.0' }, 400, -32600],
    ['no version', { id: 1, method: 'tools/list' }, 400, -32600],
    ['null for an id', request('tools/list', {}, null), 400, -32600],
    ['an object for an id', request('tools/list', {}, { a: 1 }), 400, -32600],
    ['a fraction for an id', request('tools/list', {}, 1.5), 400, -32600],
    ['a long id', request('tools/list', {}, 'x'.repeat(201)), 400, -32600],
    ['no method', { jsonrpc: '2.0', id: 1 }, 400, -32600],
    ['an answer', { jsonrpc: '2.0', id: 1, result: {} }, 400, -32600],
    ['a method that is none', request('tools/explode'), 404, -32601],
    ['a notification nobody knows', { jsonrpc: '2.0', method: 'notifications/explode' }, 404, -32601],
    ['a call without an id', { jsonrpc: '2.0', method: 'tools/call', params: {} }, 404, -32601],
    ['listening, where nothing is told', request('subscriptions/listen'), 404, -32601],
    ['a version to come', withVersion('2099-01-01'), 400, -32022],
  ]

  it.each(cases)('refuses %s', async (_what, message, status, code) => {
    await expectNoEffect(world.server.database, async () => {
      const headers = message === undefined ? {} : versionOf(message)
      const answer = refused(await post(message, editor(), headers), status)
      expect(field(field(answer.body, 'error'), 'code')).toBe(code)
    })
  })

  it('takes what clients tell without being asked', async () => {
    const told = await post(
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      editor(),
    )
    expect([told.status, told.text]).toEqual([202, ''])
  })

  it.each(['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH'])(
    'answers %s with the one method there is',
    async (method) => {
      const answer = await send(`${world.server.baseUrl}/mcp`, {
        method,
        headers: { authorization: `Bearer ${editor()}`, accept: 'text/event-stream' },
      })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('POST')
    },
  )

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'refuses %s',
    async (type) => {
      await expectNoEffect(world.server.database, async () =>
        refused(await post(create(), editor(), { 'content-type': type }), 415),
      )
    },
  )

  test('T2 ten megabytes are refused before anybody asks who sends them', async () => {
    expectRefused(await post(`{"jsonrpc":"2.0","x":"${'a'.repeat(10_000_000)}"}`), 413)
  })

  it('refuses what is only deep or only many, at once', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tasks_list","arguments":${deep}}}`
    expect(refused(await post(body, editor()), 400).error?.message).toContain('nested too deeply')
    const many = toolCall('tasks_list', { projectId: Array.from({ length: 30_000 }, () => 0) })
    expect(refused(await post(many, editor()), 400).error?.message).toContain('too many values')
  })

  it('never follows what stands in arguments: no $ref, no pattern of a caller', async () => {
    const bombs = [
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } },
      { projectId: `${'a'.repeat(60_000)}!` },
      { projectId: { $ref: 'https://evil.example/schema.json' } },
      JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    ]
    for (const args of bombs) {
      const started = performance.now()
      expect(errorOf(await post(toolCall('tasks_list', args), editor()))).toMatchObject({
        code: 'BAD_REQUEST',
      })
      expect(performance.now() - started).toBeLessThan(5_000)
    }
    const query = `${'(a+)+'.repeat(30)}$ ${'a'.repeat(40)}`
    const found = resultOf(await post(toolCall('search_procedures', { query }), editor()))
    expect(found).toHaveProperty('structuredContent')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('limits', () => {
  it('count calls of tools as those of every other surface, and say how long to wait', async () => {
    await using server = await startServer()
    const { token } = await addPerson(server, 'busy')
    const project = await mutate(server.baseUrl, 'projects.create', { name: 'P', slug: 'p' }, { token })
    const projectId = field(project.data, 'id')
    const add = { projectId, email: 'nobody@example.com', role: 'viewer' }
    const call = toolCall('call_procedure', { name: 'projects_members_add', arguments: add })
    const answers = await Promise.all(Array.from({ length: 64 }, () => postMcp(server, call, { token })))
    const codes = answers.map((answer) => field(errorOf(answer), 'code'))
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(4)
    const last = answers.find((answer) => answer.text.includes('TOO_MANY_REQUESTS'))
    expect(last?.text).toMatch(/Wait \d+ s before the next call\./)
    expect(last?.headers.get('ratelimit')).toMatch(/^"lookup";r=0;t=\d+$/)
  })
})

function withVersion(version: string) {
  const _meta = { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': version }
  return { ...request('tools/list'), params: { _meta } }
}

function versionOf(message: unknown): Record<string, string> {
  const version = field(field(field(message, 'params'), '_meta'), 'io.modelcontextprotocol/protocolVersion')
  return typeof version === 'string' ? { 'mcp-protocol-version': version } : {}
}
