import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eras, request, toolCall } from '../support/mcp.ts'
import { type McpSite, plinthMcp, startMcpSite } from '../support/mcp-site.ts'
import { startProxy } from '../support/tcp-proxy.ts'

let site: McpSite
beforeAll(async () => {
  site = await startMcpSite()
})
afterAll(() => site[Symbol.asyncDispose]())

/** The command by hand: what it is told, what it answers, how it ends. */
function start(more?: Record<string, string>, ...flags: readonly string[]) {
  const [program, ...args] = plinthMcp
  const child = spawn(program, [...args, ...flags], {
    env: site.environment({ PLINTH_API_KEY: site.key, ...more }),
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    tell: (message: unknown) =>
      void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    hear: async (): Promise<unknown> => JSON.parse(String((await lines.next()).value)),
    async end(): Promise<number | null> {
      child.stdin.end()
      const [code] = await once(child, 'exit')
      return code
    },
  }
}

describe.each(eras)('a client of %s over plinth mcp', (era) => {
  it('calls tools and hears of progress', async () => {
    const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const)
    const [command, ...args] = plinthMcp
    const client = new Client({ name: 'stdio', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(
      new StdioClientTransport({ command, args, env: site.environment({ PLINTH_API_KEY: site.key }) }),
    )
    expect(client.getNegotiatedProtocolVersion()).toBe(era)
    expect((await client.listTools()).tools.length).toBeGreaterThan(15)
    const { projectId } = site
    const heard: number[] = []
    const report = await client.callTool(
      { name: 'reports_generate', arguments: { projectId } },
      { onprogress: ({ progress }) => heard.push(progress) },
    )
    expect(report.structuredContent).toMatchObject({ job: { state: 'succeeded' } })
    expect(heard.length).toBeGreaterThan(0)
    const found = await client.callTool({ name: 'tasks_list', arguments: { projectId: 'ünclear' } })
    expect(found.isError).toBe(true)
    await client.close()
  })
})

describe('plinth mcp', () => {
  it('ends with its input, after the last answer', async () => {
    const command = start()
    command.tell(request('tools/list'))
    expect(await command.hear()).toMatchObject({ id: 1, result: { tools: expect.any(Array) } })
    expect(await command.end()).toBe(0)
  })

  it('answers what is no message, and goes on', async () => {
    const command = start()
    command.tell('{"jsonrpc":')
    expect(await command.hear()).toMatchObject({ id: null, error: { code: -32600 } })
    command.tell(request('tools/explode', {}, 'two'))
    expect(await command.hear()).toMatchObject({ id: 'two', error: { code: -32601 } })
    command.tell(request('resources/read', { uri: 'plinth://tasks/größe' }, 3))
    expect(await command.hear()).toMatchObject({ id: 3, error: { code: -32602 } })
    expect(await command.end()).toBe(0)
  })

  it('answers with an error while the server is away, and finds it when it is back', async () => {
    await using proxy = await startProxy(Number(new URL(site.server.baseUrl).port))
    const command = start({ PLINTH_BASE_URL: proxy.baseUrl })
    proxy.cutAnswers(1)
    command.tell(request('tools/list', {}, 1))
    expect(await command.hear()).toMatchObject({
      id: 1,
      error: { code: -32000, data: { code: 'NETWORK_ERROR', retryable: true } },
    })
    command.tell(request('tools/list', {}, 2))
    expect(await command.hear()).toMatchObject({ id: 2, result: {} })
    expect(await command.end()).toBe(0)
  })

  it('says that a key holds no more', async () => {
    const command = start({ PLINTH_API_KEY: 'plinth_made-up' })
    command.tell(request('tools/list'))
    expect(await command.hear()).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('plinth login'), data: { code: 'UNAUTHORIZED' } },
    })
    expect(await command.end()).toBe(0)
  })

  it('renews the token of a profile that the server does not take any more, and keeps the new one', async () => {
    const file = path.join(site.home, 'plinth/profiles/keen.json')
    await mkdir(path.dirname(file), { recursive: true })
    const { refreshToken, server } = site
    const tokens = { accessToken: 'ended', refreshToken, expiresAt: '2999-01-01T00:00:00.000Z' }
    await writeFile(file, JSON.stringify({ baseUrl: server.baseUrl, tokens }), { mode: 0o600 })
    const command = start({ PLINTH_API_KEY: '' }, '--profile', 'keen')
    command.tell(toolCall('users_me'))
    expect(await command.hear()).toMatchObject({ result: { structuredContent: { fullName: 'modeller' } } })
    expect(await command.end()).toBe(0)
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'))
    expect(kept).toMatchObject({ tokens: { accessToken: expect.stringMatching(/^ey/) } })
  })

  it('cancels a call that waits', async () => {
    const command = start()
    const { projectId } = site
    const wait = { name: 'tasks_onChange', arguments: { projectId }, waitSeconds: 30 }
    command.tell(request('tools/call', { name: 'wait_for_events', arguments: wait }, 'long'))
    const stopped = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'long' } }
    command.tell(request('tools/list', {}, 'short'))
    expect(await command.hear()).toMatchObject({ id: 'short' })
    command.tell(stopped)
    // It would be waited for otherwise.
    expect(await command.end()).toBe(0)
  })

  it('says who has to log in, and serves nobody', async () => {
    const [program, ...args] = plinthMcp
    const child = spawn(program, args, { env: site.environment() })
    const said: string[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    const [code] = await once(child, 'exit')
    expect(code).toBe(3)
    expect(said.join('')).toContain('plinth login')
  })
})
