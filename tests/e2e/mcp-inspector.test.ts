import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { field } from '../support/http.ts'
import { installTools } from '../support/installed-tools.ts'
import { type McpSite, plinthMcp, startMcpSite } from '../support/mcp-site.ts'

/** The official inspector's command line: a client nobody here wrote, which also judges what it is told. */
const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0'

let site: McpSite
let program: string
beforeAll(async () => {
  site = await startMcpSite()
  const tools = await installTools([INSPECTOR])
  program = path.join(tools, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js')
})
afterAll(() => site[Symbol.asyncDispose]())

/** What the inspector prints, as JSON. @throws Error with what it says when it fails */
async function inspect(target: readonly string[], ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--cli', ...target, ...args], {
    cwd: site.home,
    env: site.environment({ MCP_CATALOG_PATH: path.join(site.home, 'mcp.json') }),
    timeout: 60_000,
    maxBuffer: 4 * 1_024 * 1_024,
  })
  return JSON.parse(stdout)
}

const http = () => [`${site.server.baseUrl}/mcp`, '--header', `Authorization: Bearer ${site.readKey}`]
const ways: Readonly<Record<string, () => string[]>> = {
  HTTP: http,
  'plinth mcp': () => [
    ...['-e', `PLINTH_BASE_URL=${site.server.baseUrl}`, '-e', `PLINTH_API_KEY=${site.readKey}`],
    ...['--transport', 'stdio', ...plinthMcp],
  ],
}

describe.each(Object.entries(ways))('the inspector over %s', (_way, target) => {
  it('lists tools, and finds nothing in their schemas that some clients could not use', async () => {
    const listed = await inspect(target(), '--method', 'tools/list', '--strict')
    const tools = field(listed, 'tools')
    expect(Array.isArray(tools) ? tools.map((tool) => field(tool, 'name')) : []).toContain('tasks_list')
  })

  it('calls a tool', async () => {
    const { projectId } = site
    const call = [
      '--method',
      'tools/call',
      '--tool-name',
      'tasks_list',
      '--tool-arg',
      `projectId=${projectId}`,
    ]
    expect(await inspect(target(), ...call)).toMatchObject({ structuredContent: { data: [{ projectId }] } })
  })
})

describe('the inspector', () => {
  it('reads resources', async () => {
    const read = ['--method', 'resources/read', '--uri', `plinth://projects/${site.projectId}`]
    expect(await inspect(http(), ...read)).toMatchObject({ contents: [{ mimeType: 'application/json' }] })
  })

  it('takes a refusal for a failed tool', async () => {
    const call = ['--method', 'tools/call', '--tool-name', 'tasks_get', '--tool-arg', `id=${site.projectId}`]
    const failure = await inspect(http(), ...call).catch((error: unknown) => error)
    expect(field(failure, 'code')).toBeGreaterThan(0)
    expect(`${field(failure, 'stdout')}${field(failure, 'stderr')}`).toContain(
      'NOT_FOUND: There is no such thing',
    )
  })
})
