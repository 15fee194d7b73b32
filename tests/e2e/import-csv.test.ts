import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseCsv, writeCsv } from '../support/csv.ts'
import { field, mutate, query } from '../support/http.ts'
import { packSdk, run } from '../support/packed-sdk.ts'
import { openSite, type Site } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { nastyRows } from './nasty-rows.ts'

const root = path.join(import.meta.dirname, '../..')
const REQUIREMENTS = path.join(root, '../shared/data/asvs/asvs-5.0.0.csv')
const ACCOUNT = { email: 'importer@example.com', password: 'seven grey herons wade at dusk' }
/** Small, so that there is much left to do when the server is killed. */
const CHUNK = '5'
const RUN_MS = 100_000

const reportSchema = z.object({
  projectId: z.string(),
  titleColumn: z.string(),
  tasks: z.array(z.object({ line: z.number(), title: z.string(), taskId: z.string() })),
  events: z.array(z.object({ eventId: z.string(), taskId: z.string() })),
})

let folder: string
let rows: string[][]
let site: Site

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-import-csv-'))
  const file = path.join(folder, 'requirements.csv')
  const text = existsSync(REQUIREMENTS) ? await readFile(REQUIREMENTS, 'utf8') : writeCsv(nastyRows(300))
  await writeFile(file, text)
  rows = parseCsv(text)
  const example = path.join(root, 'examples/import-csv')
  await cp(example, folder, { recursive: true, filter: (source) => !/node_modules|\.tgz$/.test(source) })
  const [started] = await Promise.all([openSite(), install(folder)])
  site = started
}, 180_000)

afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

describe('the example, with the packed SDK and nothing else of this repository', () => {
  test('compiles against the published declarations', async () => {
    await run('npm', ['run', 'typecheck'], folder)
  })

  test('imports every row once although the server is killed half-way', async () => {
    const example = startExample('report.json')
    const reached = await example.progress((done) => done >= count() / 3)
    await site.current().stop('SIGKILL')
    const atDeath = await example.progress(() => true)
    expect(reached).toBeGreaterThanOrEqual(count() / 3)
    expect(atDeath).toBeLessThan(count())
    await site.start()
    expect(await example.ended, example.output()).toBe(0)
    expect(example.output()).toContain('Every row is a task, exactly once.')
    expect(example.output()).toContain('another account reads and writes: NOT_FOUND')

    await expectImported(rows, await readReport('report.json'))
  })

  test('started again it changes nothing', async () => {
    const before = await readReport('report.json')
    const example = startExample('again.json')
    expect(await example.ended, example.output()).toBe(0)
    const after = await readReport('again.json')
    expect(after.tasks).toEqual(before.tasks)
    await expectImported(rows, after)
  })

  test('text that breaks importers arrives as it is', async () => {
    const nasty = nastyRows(300)
    await writeFile(path.join(folder, 'nasty.csv'), `\uFEFF${writeCsv(nasty)}`)
    const example = spawnExample(['nasty.csv', ...where(), '--report', 'nasty.json'])
    expect(await example.ended, example.output()).toBe(0)
    await expectImported(nasty, await readReport('nasty.json'))
  })

  test.each([
    { args: ['no-such-file.csv'], says: /no-such-file\.csv cannot be read/ },
    {
      args: ['requirements.csv', '--title', 'nonsense'],
      says: /There is no column "nonsense".*Choose one with --title/,
    },
    { args: ['requirements.csv', '--base-url', 'localhost'], says: /--base-url must be an address such as/ },
    { args: ['requirements.csv', '--frobnicate'], says: /--frobnicate[\s\S]*Usage: node import\.ts/ },
  ])('says what to do about $args', async ({ args, says }) => {
    const example = spawnExample(args)
    expect(await example.ended).toBe(1)
    expect(example.output()).toMatch(says)
  })

  test('names the line of a row the server refuses, and imports nothing of its chunk', async () => {
    const refused = writeCsv([
      ['title', 'note'],
      ['fine', ''],
      ['x'.repeat(301), ''],
      ['fine too', ''],
    ])
    await writeFile(path.join(folder, 'refused.csv'), refused)
    const example = spawnExample(['refused.csv', ...where(), '--project', 'refused'])
    expect(await example.ended).toBe(1)
    expect(example.output()).toMatch(/line 3, title: /)
    const { token } = await logIn()
    const projects = await query(site.baseUrl, 'projects.list', { search: 'refused' }, { token })
    const project = z.object({ data: z.tuple([z.object({ id: z.string() })]) }).parse(projects.data).data[0]
    const tasks = await query(site.baseUrl, 'tasks.list', { projectId: project.id }, { token })
    expect(field(tasks.data, 'data')).toEqual([])
  })
})

/** Rows below the header. */
function count(): number {
  return rows.length - 1
}

async function install(directory: string): Promise<void> {
  await packSdk(path.join(directory, 'plinth-client.tgz'))
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], directory)
}

function where(): string[] {
  return ['--base-url', site.baseUrl, '--email', ACCOUNT.email, '--password', ACCOUNT.password]
}

function startExample(report: string) {
  return spawnExample(['requirements.csv', ...where(), '--chunk', CHUNK, '--report', report])
}

function spawnExample(args: string[]) {
  const child: ChildProcess = spawn(process.execPath, ['import.ts', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let over = false
  void ended.then(() => {
    over = true
  })
  return {
    ended,
    output: () => output,
    /** How many rows it says are imported, once `enough` is content with that. */
    progress: (enough: (done: number) => boolean) =>
      until(
        'the example gets on with the import',
        () => {
          const done = Number([...output.matchAll(/import +(\d+) of/g)].at(-1)?.[1] ?? 0)
          if (over) throw new Error(`The example has ended:\n${output}`)
          return enough(done) ? done : undefined
        },
        60_000,
      ),
  }
}

async function readReport(name: string): Promise<z.infer<typeof reportSchema>> {
  return reportSchema.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8')))
}

async function logIn(): Promise<{ token: string }> {
  const answer = await mutate(site.baseUrl, 'auth.login', ACCOUNT)
  return { token: z.object({ accessToken: z.string() }).parse(answer.data).accessToken }
}

/** Looks for itself, over plain HTTP: as many tasks as rows, each row's text once, each event once and in order. */
async function expectImported(table: string[][], report: z.infer<typeof reportSchema>) {
  const { projectId, titleColumn, tasks, events } = report
  const [header = [], ...rest] = table
  const titleIndex = header.indexOf(titleColumn)
  const expected = rest.map((row) => ({
    title: row[titleIndex],
    description: row
      .map((value, index) => ({ name: header[index], value }))
      .filter(({ value }, index) => index !== titleIndex && value !== '')
      .map(({ name, value }) => `${name}: ${value}`)
      .join('\n'),
  }))
  const stored = await readTasks(projectId)
  expect(stored.map(({ title, description }) => ({ title, description: description ?? '' }))).toEqual(
    expected,
  )
  expect(stored.map((task) => task.id)).toEqual(tasks.map((task) => task.taskId))
  expect(events.map((event) => event.taskId)).toEqual(stored.map((task) => task.id))
  expect(events.map((event) => event.eventId)).toEqual(stored.map((_, index) => String(index + 1)))
}

async function readTasks(projectId: string) {
  const { token } = await logIn()
  const schema = z.object({
    data: z.array(z.object({ id: z.string(), title: z.string(), description: z.string().nullable() })),
    pagination: z.object({ nextCursor: z.string().nullable() }),
  })
  const tasks: z.infer<typeof schema>['data'] = []
  let cursor: string | null = null
  do {
    const input = { projectId, sort: 'createdAt', limit: 100, ...(cursor === null ? {} : { cursor }) }
    const answer = await query(site.baseUrl, 'tasks.list', input, { token })
    const page = schema.parse(answer.data)
    tasks.push(...page.data)
    cursor = page.pagination.nextCursor
  } while (cursor !== null)
  return tasks
}
