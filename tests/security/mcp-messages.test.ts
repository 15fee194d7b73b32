import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, send } from '../support/http.ts'
import { ENVELOPE, postMcp, request, toolCall } from '../support/mcp.ts'
import { type McpSite, startMcpSite } from '../support/mcp-site.ts'
import { expectNoEffect } from '../support/no-effect.ts'

let site: McpSite
beforeAll(async () => {
  site = await startMcpSite()
})
afterAll(() => site[Symbol.asyncDispose]())

const post = (message: unknown, headers: Record<string, string> = {}) =>
  postMcp(site.server, message, { token: site.key, headers })

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
    await expectNoEffect(site.server.database, async () => {
      const headers = message === undefined ? {} : versionOf(message)
      const answer = refused(await post(message, headers), status)
      expect(field(field(answer.body, 'error'), 'code')).toBe(code)
    })
  })

  it('takes what clients tell without being asked', async () => {
    const told = await post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
    expect([told.status, told.text]).toEqual([202, ''])
  })

  it.each(['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH'])(
    'answers %s with the one method there is',
    async (method) => {
      const answer = await send(`${site.server.baseUrl}/mcp`, {
        method,
        headers: { authorization: `Bearer ${site.key}`, accept: 'text/event-stream' },
      })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('POST')
    },
  )

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'refuses %s',
    async (type) => {
      await expectNoEffect(site.server.database, async () =>
        refused(
          await post(toolCall('projects_create', { name: 'must not be', slug: 'must-not-be' }), {
            'content-type': type,
          }),
          415,
        ),
      )
    },
  )

  test('T2 ten megabytes are refused before anybody asks who sends them', async () => {
    expectRefused(await post(`{"jsonrpc":"2.0","x":"${'a'.repeat(10_000_000)}"}`), 413)
  })

  it('refuses what is only deep or only many, at once', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tasks_list","arguments":${deep}}}`
    expect(refused(await post(body), 400).error?.message).toContain('nested too deeply')
    const many = toolCall('tasks_list', { projectId: Array.from({ length: 30_000 }, () => 0) })
    expect(refused(await post(many), 400).error?.message).toContain('too many values')
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
      expect(errorOf(await post(toolCall('tasks_list', args)))).toMatchObject({
        code: 'BAD_REQUEST',
      })
      expect(performance.now() - started).toBeLessThan(5_000)
    }
    const query = `${'(a+)+'.repeat(30)}$ ${'a'.repeat(40)}`
    const found = resultOf(await post(toolCall('search_procedures', { query })))
    expect(found).toHaveProperty('structuredContent')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
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
