import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openBrowser } from '../support/browser.ts'
import { findChromium } from '../support/chromium.ts'
import { field, mutate, query } from '../support/http.ts'
import { packSdk, run } from '../support/packed-sdk.ts'
import { openSite, type Site } from '../support/server-process.ts'

const root = path.join(import.meta.dirname, '../..')
const COLLECTION = path.join(root, '../shared/data/cisi')
const ACCOUNT = { email: 'reader@example.com', password: 'seven grey herons wade at dusk' }
const ADMIN = { email: 'root@example.com', password: 'nine brass kettles sing at noon' }
/** Enough to be found wrong ones among; the whole collection is for doing by hand. */
const ABSTRACTS = '30'
const RUN_MS = 110_000

const reportSchema = z.object({
  projectId: z.string(),
  knowledgeBaseId: z.string(),
  documents: z.array(z.object({ file: z.string(), documentId: z.string() })),
  answers: z.array(
    z.object({
      threadId: z.string(),
      replyId: z.string(),
      text: z.string(),
      citations: z.array(z.object({ n: z.number(), chunkId: z.string(), title: z.string() })),
    }),
  ),
  resumed: z.object({ text: z.string(), before: z.string(), stored: z.string() }),
  tasks: z.array(z.object({ id: z.string(), title: z.string() })),
})

let folder: string
let documents: string
let site: Site

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-ask-documents-'))
  documents = path.join(folder, 'documents')
  await mkdir(documents)
  const example = path.join(root, 'examples/ask-documents')
  await cp(example, folder, { recursive: true, filter: (source) => !/node_modules|\.tgz$/.test(source) })
  const [started] = await Promise.all([
    openSite({ FIRST_SUPERUSER_EMAIL: ADMIN.email, FIRST_SUPERUSER_PASSWORD: ADMIN.password }),
    install(),
    gatherDocuments(),
  ])
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

  test('uploads, asks, cites, is killed and goes on; tasks come of it only after agreement', async () => {
    const refusing = await runExample(['--count', '1', '--report', 'refused.json'], 'n\n'.repeat(20))
    expect(refusing.code, refusing.output).toBe(0)
    expect((await readReport('refused.json')).tasks).toEqual([])

    const { code, output } = await runExample(['--yes', '--report', 'report.json'])
    expect(code, output).toBe(0)
    const report = await readReport('report.json')
    const { token } = await logIn()
    await expectAllReady(report, token)
    expect(report.answers).toHaveLength(10)
    const cited = report.answers.filter(({ citations }) => citations.length > 0)
    expect(cited.length).toBeGreaterThanOrEqual(8)
    for (const { text, citations } of cited) {
      for (const { n } of citations) expect(text).toContain(`[${n}]`)
    }
    await expectCitationsReadable(report, token)
    const { resumed } = report
    expect(resumed.before.length).toBeGreaterThan(0)
    expect(resumed.before.length).toBeLessThan(resumed.stored.length)
    expect(resumed.text).toBe(resumed.stored)
    expect(report.tasks.length).toBeGreaterThan(0)
    expect(output).toContain('agreed')
    await expectMadeByAgent(report)
  })

  test.each([
    { args: ['no-such-folder'], says: /no-such-folder cannot be read/ },
    { args: ['lib'], says: /There is no document in lib/ },
    { args: ['documents', '--base-url', 'localhost'], says: /--base-url must be an address such as/ },
    { args: ['documents', '--frobnicate'], says: /--frobnicate[\s\S]*Usage: node ask\.ts/ },
    { args: ['documents', '--questions', 'nothing.txt'], says: /nothing\.txt cannot be read/ },
  ])('says what to do about $args', async ({ args, says }) => {
    const { code, output } = await start(args)
    expect(code).toBe(1)
    expect(output).toMatch(says)
  })
})

async function install(): Promise<void> {
  await packSdk(path.join(folder, 'plinth-client.tgz'))
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}

/** Abstracts of CISI where it is there, else the pages of `docs/`; and two real PDFs where there is a browser to print them. */
async function gatherDocuments(): Promise<void> {
  if (existsSync(COLLECTION)) {
    const args = ['cisi.ts', '--collection', COLLECTION, '--to', documents, '--documents', ABSTRACTS]
    await run(process.execPath, args, path.join(root, 'examples/ask-documents'))
  } else {
    await cp(path.join(root, 'docs'), documents, {
      recursive: true,
      filter: (source) => !source.endsWith('reference'),
    })
    await writeFile(path.join(documents, 'questions.txt'), QUESTIONS.join('\n'))
  }
  if (findChromium() === undefined) return
  await using browser = await openBrowser()
  for (const name of ['security', 'scaling']) {
    const page = await browser.newPage()
    const text = await readFile(path.join(root, `docs/${name}.md`), 'utf8')
    const paragraphs = text
      .split('\n\n')
      .map((one) => `<p>${one.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`)
    await page.setContent(`<title>${name}</title>${paragraphs.join('')}`)
    await page.pdf({ path: path.join(documents, `${name}.pdf`) })
  }
}

/** Of this repository's own pages. */
const QUESTIONS = [
  'How are passwords stored?',
  'What happens to a job when its worker is killed?',
  'How is an idempotency key used?',
  'Which databases can be used?',
  'How does a stream go on after a lost connection?',
  'How long is an access token good for?',
  'Where are uploaded files kept?',
  'How are feature flags decided?',
  'What does a rolling restart do to streams?',
  'How do I add a module?',
]

function runExample(args: string[], input = '') {
  const where = ['--base-url', site.baseUrl, '--email', ACCOUNT.email, '--password', ACCOUNT.password]
  return start(['documents', ...where, ...args], input)
}

async function start(args: string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['ask.ts', ...args], { cwd: folder, timeout: RUN_MS })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

async function readReport(name: string): Promise<z.infer<typeof reportSchema>> {
  return reportSchema.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8')))
}

async function logIn(account = ACCOUNT): Promise<{ token: string }> {
  const answer = await mutate(site.baseUrl, 'auth.login', account)
  return { token: z.object({ accessToken: z.string() }).parse(answer.data).accessToken }
}

/** Every file of the folder is a document that can be found. */
async function expectAllReady({ knowledgeBaseId, documents: sent }: Report, token: string): Promise<void> {
  const files = (await readdir(documents, { recursive: true })).filter((name) => /\.(md|pdf)$/.test(name))
  expect(sent).toHaveLength(files.length)
  const states: unknown[] = []
  let cursor: unknown
  do {
    const input = { knowledgeBaseId, limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const page = await query(site.baseUrl, 'documents.list', input, { token })
    states.push(
      ...z
        .array(z.unknown())
        .parse(field(page.data, 'data'))
        .map((one) => field(one, 'status')),
    )
    cursor = field(field(page.data, 'pagination'), 'nextCursor') ?? undefined
  } while (cursor !== undefined)
  expect(states).toHaveLength(files.length)
  expect(new Set(states)).toEqual(new Set(['ready']))
}

/** Every chunk that an answer names is one of the knowledge base, which its reader can look up. */
async function expectCitationsReadable({ answers }: Report, token: string): Promise<void> {
  for (const { threadId, replyId, citations } of answers) {
    const page = await query(site.baseUrl, 'chat.messages.list', { threadId }, { token })
    const messages = z
      .array(z.object({ id: z.string(), citations: z.array(z.unknown()) }))
      .parse(field(page.data, 'data'))
    const stored = messages.find(({ id }) => id === replyId)?.citations ?? []
    expect(stored.map((one) => field(one, 'chunkId'))).toEqual(citations.map(({ chunkId }) => chunkId))
    for (const one of stored) {
      const input = { id: field(one, 'documentId'), limit: 100 }
      const chunks = await query(site.baseUrl, 'documents.chunks', input, { token })
      expect(chunks.text).toContain(String(field(one, 'chunkId')))
    }
  }
}

/** The audit trail says that the tasks came through the surface of agents, and by whom. */
async function expectMadeByAgent({ projectId }: Report): Promise<void> {
  const { token } = await logIn(ADMIN)
  const page = await query(site.baseUrl, 'audit.list', { action: 'tasks.createMany' }, { token })
  const rows = z.array(z.object({ surface: z.string().nullable() })).parse(field(page.data, 'data'))
  expect(page.text).toContain(projectId)
  expect(rows.map(({ surface }) => surface)).toContain('agent')
}

type Report = z.infer<typeof reportSchema>
