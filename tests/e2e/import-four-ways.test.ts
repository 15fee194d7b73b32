import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseCsv, writeCsv } from '../support/csv.ts'
import { expectOk } from '../support/expect-clean.ts'
import { mutate, query } from '../support/http.ts'
import { addPerson, type LogIn, newAddress, PASSWORD, type Person, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { nastyRows } from './nasty-rows.ts'

const root = path.join(import.meta.dirname, '../..')
const REQUIREMENTS = path.join(root, '../shared/data/asvs/asvs-5.0.0.csv')

/** One program each, and what the audit trail calls the way it goes. */
const ways = [
  { slug: 'by-sdk', surface: 'trpc', command: ['node', 'import.ts'] },
  { slug: 'by-curl', surface: 'rest', command: ['./curl.sh'] },
  { slug: 'by-plinth', surface: 'cli', command: ['./plinth.sh'] },
  { slug: 'by-mcp', surface: 'mcp', command: ['node', 'mcp.ts'] },
] as const
type Way = (typeof ways)[number]
/** These print what they did in one line. */
const [, ...short] = ways

const taskSchema = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: z.string(),
  version: z.number(),
  createdById: z.string().nullable(),
})
const pageSchema = z.object({
  data: z.array(z.unknown()),
  pagination: z.object({ nextCursor: z.string().nullable() }),
})

let folder: string
let server: TestServer
let importer: Person & LogIn
let admin: Person & LogIn
let apiKey: string
let rows: { title: string; description: string | null }[]

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-four-ways-'))
  const text = existsSync(REQUIREMENTS) ? await readFile(REQUIREMENTS, 'utf8') : writeCsv(nastyRows(300))
  await writeFile(path.join(folder, 'requirements.csv'), text)
  rows = tasksOf(parseCsv(text))
  await install()
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
  importer = await addPerson(server, 'importer')
  admin = await addPerson(server, 'admin', 'admin')
  const scopes = ['projects:read', 'projects:write', 'tasks:read', 'tasks:write']
  const made = await mutate(server.baseUrl, 'apiKeys.create', { name: 'Import', scopes }, importer)
  apiKey = textOf(expectOk(made, { tokens: true }), 'key')
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

describe('one file, four ways in', () => {
  test('each makes the same tasks, row by row', async () => {
    const runs = await Promise.all(ways.map((way) => importBy(way, 'requirements.csv')))
    for (const [index, { code, output }] of runs.entries())
      expect(code, `${ways[index]?.slug}: ${output}`).toBe(0)
    for (const way of ways) expect(await tasksIn(way), way.slug).toEqual(rows)
  })

  test('started again they change nothing', async () => {
    const runs = await Promise.all(short.map((way) => importBy(way, 'requirements.csv')))
    for (const { code, output } of runs) {
      expect(code, output).toBe(0)
      expect(output).toContain(`${rows.length} there now`)
    }
    for (const way of short) expect(await tasksIn(way), way.slug).toEqual(rows)
  })

  test('the audit trail says who made which change, and by which way', async () => {
    for (const way of ways) {
      const projectId = await projectOf(way)
      const trail = await pages('audit.list', { targetId: projectId }, admin)
      const seen = z
        .array(
          z.object({
            actorId: z.string(),
            actorVia: z.string(),
            surface: z.string(),
            action: z.string(),
            changes: z.object({ taskIds: z.array(z.string()).optional() }).nullable(),
          }),
        )
        .parse(trail)
      expect(new Set(seen.map(({ surface }) => surface)), way.slug).toEqual(new Set([way.surface]))
      expect(new Set(seen.map(({ actorId }) => actorId))).toEqual(new Set([importer.id]))
      const kinds = new Set(seen.map(({ actorVia }) => actorVia.split(':')[0]))
      expect(kinds, way.slug).toEqual(new Set([way.surface === 'trpc' ? 'session' : 'apiKey']))
      expect(seen.filter(({ action }) => action === 'projects.create')).toHaveLength(1)
      const written = seen.flatMap(({ changes }) => changes?.taskIds ?? [])
      const there = z.array(taskSchema).parse(await pages('tasks.list', listOf(projectId), importer))
      expect(new Set(written), `${way.slug}: each task was made by a call in the trail`).toEqual(
        new Set(there.map(({ id }) => id)),
      )
      expect(written).toHaveLength(rows.length)
    }
  })

  test('a row the server refuses is named, and nothing of its portion is there', async () => {
    const refused = [['title'], ['fine'], ['x'.repeat(301)], ['fine too']]
    await writeFile(path.join(folder, 'refused.csv'), writeCsv(refused))
    const runs = await Promise.all(short.map((way) => importBy(way, 'refused.csv', `${way.slug}-refused`)))
    for (const { code, output } of runs) {
      expect(code, output).not.toBe(0)
      expect(output).toMatch(/tasks\.1\.title/)
    }
    for (const { slug } of short) expect(await tasksIn({ slug: `${slug}-refused` })).toEqual([])
  })
})

/** The example with its packages, those of this repository as they are: packed they are in import-csv.test.ts. */
async function install(): Promise<void> {
  const example = path.join(root, 'examples/import-csv')
  await cp(example, folder, { recursive: true, filter: (source) => !/node_modules|\.tgz$/.test(source) })
  const modules = path.join(folder, 'node_modules')
  for (const scope of ['@plinth', '@modelcontextprotocol', '.bin'])
    await mkdir(path.join(modules, scope), { recursive: true })
  const theirs = path.join(root, 'tests/node_modules')
  for (const name of ['@plinth/client', '@modelcontextprotocol/client', 'csv-parse'])
    await symlink(path.join(theirs, name), path.join(modules, name))
  await symlink(path.join(root, 'client-sdk/src/cli/main.ts'), path.join(modules, '.bin/plinth'))
}

function importBy(
  { slug, command, surface }: Way,
  file: string,
  project: string = slug,
): Promise<{ code: number; output: string }> {
  const [program, ...args] = command
  const sdk = ['--base-url', server.baseUrl, '--email', importer.email, '--password', PASSWORD]
  const more = surface === 'trpc' ? [...sdk, '--project', project] : [project]
  const env = {
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
    HOME: folder,
    PLINTH_BASE_URL: server.baseUrl,
    ...(surface === 'trpc' ? {} : { PLINTH_API_KEY: apiKey }),
  }
  return new Promise((resolve) => {
    execFile(program, [...args, file, ...more], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: `${stdout}${stderr}` })
    })
  })
}

async function tasksIn(way: Pick<Way, 'slug'> | { readonly slug: string }) {
  const found = await pages('tasks.list', listOf(await projectOf(way)), importer)
  const tasks = z.array(taskSchema).parse(found)
  for (const { status, version, createdById } of tasks)
    expect({ status, version, createdById }).toEqual({ status: 'todo', version: 1, createdById: importer.id })
  return tasks.map(({ title, description }) => ({ title, description }))
}

const listOf = (projectId: string) => ({ projectId, sort: 'createdAt' })

async function projectOf({ slug }: { readonly slug: string }): Promise<string> {
  const found = z
    .array(z.object({ id: z.string(), slug: z.string() }))
    .parse(await pages('projects.list', { search: slug }, importer))
  return found.find((project) => project.slug === slug)?.id ?? ''
}

async function pages(procedure: string, input: object, { token }: LogIn): Promise<unknown[]> {
  const all: unknown[] = []
  let cursor: string | null = null
  do {
    const asked = { ...input, limit: 100, ...(cursor === null ? {} : { cursor }) }
    const answer = await query(server.baseUrl, procedure, asked, { token, headers: newAddress() })
    // What the rows say is the importer's own.
    expect(answer.status, answer.text.slice(0, 500)).toBe(200)
    const page = pageSchema.parse(answer.data)
    all.push(...page.data)
    cursor = page.pagination.nextCursor
  } while (cursor !== null)
  return all
}

/** What the rows are to become, found out apart from the example: the first column names each. */
function tasksOf([header = [], ...table]: string[][]) {
  const title = header.findIndex(
    (_name, index) => new Set(table.map((row) => row[index])).size === table.length,
  )
  return table.map((row) => {
    const lines = row.flatMap((value, index) =>
      index === title || value === '' ? [] : [`${header[index]}: ${value}`],
    )
    return { title: row[title] ?? '', description: lines.length === 0 ? null : lines.join('\n') }
  })
}
