import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@plinth/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mutate } from '../support/http.ts'
import { textOf } from '../support/people.ts'
import { openSite } from '../support/server-process.ts'

const root = path.join(import.meta.dirname, '../..')
const WORKSPACES = ['.', 'server', 'client-sdk', 'tests']

/** Where the README says that its pieces go: before this text, or at the end. */
const PLACES: Record<string, string | undefined> = {
  'invoices.schema.ts: at the end': undefined,
  'invoices.service.ts: in InvoicesService, above update':
    '  /** @throws NOT_FOUND, FORBIDDEN, VERSION_CONFLICT */\n',
  'invoices.service.ts: in createInvoicesService, above update': '    update: (',
  'invoices.router.ts: above update': '    update: mutation({',
}

let folder: string
let clone: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-scaffold-'))
  clone = path.join(folder, 'plinth')
  await run('git', ['clone', '--quiet', '--depth=1', `file://${root}`, clone], folder)
  // What is installed here is what the same lock file would install there.
  for (const workspace of WORKSPACES)
    await symlink(path.join(root, workspace, 'node_modules'), path.join(clone, workspace, 'node_modules'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('what is in the way is told, and nothing is written', async () => {
  expect(await refused('module', 'tasks')).toContain('There is a module "tasks" already.')
  expect(await refused('module', 'Invoices')).toContain('Did you mean "invoices"?')
  expect(await refused('module', 'people')).toContain('--singular person')
  expect(await refused('module', 'runtimes', '--singular', 'user')).toContain(
    'has User (table runtimes) already',
  )
  expect(await refused('module', 'logs', '--singular')).toContain('Usage:')
  const scopes = path.join(clone, 'server/src/contract/scopes.ts')
  const before = await readFile(scopes, 'utf8')
  await writeFile(scopes, before.replace('] as const', ']'))
  expect(await refused('module', 'invoices')).toContain(
    'server/src/contract/scopes.ts does not look as expected',
  )
  await writeFile(scopes, before)
  expect(await scaffold('module', 'invoices', '--dry-run')).toContain('Nothing was written.')
  const changed = await run('git', ['status', '--porcelain'], clone)
  expect(changed.split('\n').filter((line) => !/node_modules$|^$/.test(line))).toEqual([])
})

test('the README’s first procedure: made, extended, and called by SDK, curl and plinth', async () => {
  const printed = await scaffold('module', 'invoices')
  expect(printed).toContain('npm test -- tests/api/invoices')
  for (const [place, code] of await piecesOfReadme()) await addPiece(place, code)
  await node('scripts/generate.mjs')
  await using site = await openSite({}, { main: path.join(clone, 'server/src/main.ts') })
  const client = createClient({ baseUrl: site.baseUrl })
  await client.auth.register.mutate({
    email: 'ada@example.com',
    password: 'difference engine no 2',
    fullName: 'Ada Lovelace',
  })
  const { id: projectId } = await client.projects.create.mutate({ name: 'Engine', slug: 'engine' })
  const { accessToken } = await client.auth.login.mutate({
    email: 'ada@example.com',
    password: 'difference engine no 2',
  })

  const called = await callBySdk(site.baseUrl, accessToken, projectId)
  expect(called).toEqual({ created: 'First', version: 1, count: 1 })

  const headers = { authorization: `Bearer ${accessToken}` }
  const response = await fetch(`${site.baseUrl}/api/v1/projects/${projectId}/invoices/count`, { headers })
  expect(await response.json()).toEqual({ count: 1 })

  const input = { name: 'plinth', scopes: ['projects:read', 'invoices:read'] }
  const key = textOf(await mutate(site.baseUrl, 'apiKeys.create', input, { token: accessToken }), 'key')
  const cli = path.join(clone, 'client-sdk/src/cli/main.ts')
  const env = { PLINTH_BASE_URL: site.baseUrl, PLINTH_API_KEY: key, HOME: folder }
  const args = ['invoices', 'count', '--project-id', projectId, '--output', 'json']
  const answer = await run(process.execPath, [cli, ...args], folder, env)
  expect(JSON.parse(answer)).toEqual({ count: 1 })
})

/** A program that knows only the SDK of the clone. */
async function callBySdk(baseUrl: string, token: string, projectId: string): Promise<unknown> {
  await mkdir(path.join(folder, 'program/node_modules/@plinth'), { recursive: true })
  await symlink(path.join(clone, 'client-sdk'), path.join(folder, 'program/node_modules/@plinth/client'))
  const program = path.join(folder, 'program/main.mjs')
  await writeFile(
    program,
    `import { createClient } from '@plinth/client'
const [baseUrl, token, projectId] = process.argv.slice(2)
const client = createClient({ baseUrl, headers: { authorization: 'Bearer ' + token } })
const { name, version } = await client.invoices.create.mutate({ projectId, name: 'First' })
const { count } = await client.invoices.count.query({ projectId })
console.log(JSON.stringify({ created: name, version, count }))`,
  )
  const printed = await run(process.execPath, [program, baseUrl, token, projectId], folder)
  return JSON.parse(printed)
}

/** The pieces of code of “Your first procedure”, each with the place its first line names. */
async function piecesOfReadme(): Promise<[place: string, code: string][]> {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  const section = readme.split(/^## /m).find((text) => text.startsWith('Your first procedure'))
  const pieces = (section ?? '').split(/^\/\/ (?=invoices\.)/m).slice(1)
  return pieces.map((piece) => {
    const [place = '', ...lines] = (piece.split('```')[0] ?? '').split('\n')
    return [place, lines.join('\n')]
  })
}

async function addPiece(place: string, code: string): Promise<void> {
  expect(Object.keys(PLACES)).toContain(place)
  const file = path.join(clone, 'server/src/modules/invoices', place.split(':')[0] ?? '')
  const text = await readFile(file, 'utf8')
  const before = PLACES[place]
  const at = before === undefined ? text.length : text.indexOf(before)
  expect(at, place).toBeGreaterThan(0)
  await writeFile(file, text.slice(0, at) + code + text.slice(at))
}

function scaffold(...args: string[]): Promise<string> {
  return node('server/src/commands/new.ts', ...args)
}

async function refused(...args: string[]): Promise<string> {
  const failure: unknown = await scaffold(...args).then(
    (printed) => new Error(`It was not refused: ${printed}`),
    (error: unknown) => error,
  )
  return failure instanceof Error && 'stdout' in failure ? String(failure.stdout) : String(failure)
}

function node(script: string, ...args: string[]): Promise<string> {
  return run(process.execPath, [script, ...args], clone)
}

/** Runs a program with nothing of this test run in its environment. */
async function run(program: string, args: string[], cwd: string, env: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    timeout: 100_000,
    maxBuffer: 16 * 1024 * 1024,
  })
  return stdout
}
