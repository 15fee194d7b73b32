import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scopes } from '../../server/src/contract/scopes.ts'
import { expectRefused } from '../support/expect-clean.ts'
import { type Answer, field, mutate, send } from '../support/http.ts'
import { connectMcp, eras, postMcp, request, toolCall } from '../support/mcp.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { addPerson, newAddress } from '../support/people.ts'
import { rawRequest, sendRaw } from '../support/raw-http.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'
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

  it('knows itself by a whole address, and hosts by that', async () => {
    const call = async (target: string, host: string) => {
      const slug = `absolute-${crypto.randomUUID()}`
      const message = toolCall('projects_create', { name: 'Absolute', slug })
      const headers = [
        `Host: ${host}`,
        'Content-Type: application/json',
        `Authorization: Bearer ${editor()}`,
        'MCP-Protocol-Version: 2026-07-28',
        'Mcp-Method: tools/call',
        'Mcp-Name: projects_create',
      ]
      const bytes = rawRequest(`POST ${target} HTTP/1.1`, headers, JSON.stringify(message))
      const { status } = await sendRaw(world.server.baseUrl, bytes, { headOnly: true })
      const project = await world.server.database.prisma.project.findFirst({ where: { slug } })
      const trail = await world.server.database.prisma.auditEvent.findMany({
        where: { targetId: project?.id ?? slug },
      })
      return [status, ...trail.map(({ surface }) => surface)]
    }
    expect(await call('http://localhost:1/mcp', 'evil.example')).toEqual([200, 'mcp'])
    expect(await call('http://localhost:1/mcp?a=b', 'localhost')).toEqual([200, 'mcp'])
    expect(await call('http://evil.example/mcp', 'localhost')).toEqual([403])
    expect(await call('/mcp', 'localhost:99999')).toEqual([400])
  })

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
      expect(field(direct.body, 'error')).toMatchObject({
        code: -32602,
        data: { code: 'NOT_FOUND', traceId: direct.headers.get('x-request-id') },
      })
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

  it.each(eras)('lets go of a wait when a client of %s goes away', async (era) => {
    const { credentialWatch } = world.server.app.runtime
    await using client = await connectMcp(world.server, editor(), { era })
    const left = new AbortController()
    const wait = { name: 'notifications.onNew', waitSeconds: 30 }
    const waiting = client.callTool({ name: 'wait_for_events', arguments: wait }, { signal: left.signal })
    const refusal = expect(waiting).rejects.toThrow()
    await expect.poll(() => credentialWatch.size()).toBe(1)
    left.abort()
    await client.close()
    await refusal
    await expect.poll(() => credentialWatch.size()).toBe(0)
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
    let ended: unknown
    void waiting.then(({ _meta }) => {
      ended = field(_meta, 'plinth/error')
    })
    // A15: within five seconds, on a machine that does other things as well.
    await until('the wait to end', () => ended, 5_000)
    expect(ended).toMatchObject({ code: 'UNAUTHORIZED' })
    refused(await post(request('tools/list'), token), 401)
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
