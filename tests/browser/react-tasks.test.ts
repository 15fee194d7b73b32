import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Client, createClient } from '@plinth/client'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { packSdk, run } from '../support/packed-sdk.ts'
import { addPeople, PASSWORD } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'

const example = path.join(import.meta.dirname, '../../examples/react-tasks')
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const MANY = 70
const FILE_BYTES = 1_500_000

/** What a browser may take beside everything else on two cores. */
const SLOW_MS = 30_000

/** What the bar of an upload showed, from when it came until it went. */
const WATCH_PROGRESS = `(async () => {
  const seen = new Set()
  const bar = () => document.querySelector('progress[aria-label=Upload]')
  while (bar() === null) await new Promise(requestAnimationFrame)
  for (let now = bar(); now !== null; now = bar()) {
    seen.add(now.value)
    await new Promise(requestAnimationFrame)
  }
  return [...seen]
})()`

let folder: string
let pages: Server
let origin: string
let server: TestServer
let browser: BrowserContext & AsyncDisposable
let page: Page
/** The same person, from elsewhere. */
let client: Client
let email: string
let projectId: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-react-tasks-'))
  await cp(example, folder, {
    recursive: true,
    filter: (source) => !/node_modules|dist$|\.tgz$/.test(source),
  })
  origin = await servePages()
  const installed = install()
  server = await startServer({ variables: { CORS_ORIGINS: origin } })
  email = (await addPeople(server, ['Ada']))[0]?.email ?? ''
  client = createClient({ baseUrl: server.baseUrl })
  await client.auth.login.mutate({ email, password: PASSWORD })
  projectId = (await client.projects.create.mutate({ name: 'Engine', slug: 'engine' })).id
  const tasks = Array.from({ length: MANY }, (_, index) => ({ title: `Task ${index + 1}` }))
  await client.tasks.createMany.mutate({ projectId, tasks })
  await installed
  await run('node_modules/.bin/tsc', [], folder)
  await run('env', [`VITE_PLINTH_URL=${server.baseUrl}`, 'node_modules/.bin/vite', 'build'], folder)
  browser = await openBrowser()
  page = await browser.newPage()
  page.setDefaultTimeout(SLOW_MS)
}, 240_000)

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  pages?.close()
  pages?.closeAllConnections()
  await rm(folder, { recursive: true, force: true })
})

test('a wrong password is told, the right one shows the projects', async () => {
  await page.goto(origin)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill('something else entirely')
  await page.getByRole('button', { name: 'Log in' }).click()
  expect(await page.getByRole('alert').textContent()).toMatch(/E-mail or password is wrong\..*trace/)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Engine' }).click()
  await isLive()
})

test('the list goes on where it is scrolled to', async () => {
  await page.getByText(`Task ${MANY}`, { exact: true }).waitFor()
  expect(await rows().count()).toBeLessThan(MANY)
  // What changes on a page that is still to come is there once, in its place.
  const { data } = await client.tasks.list.query({ projectId, sort: 'createdAt', limit: 1 })
  for (const { id, version } of data)
    await client.tasks.update.mutate({ id, version, data: { title: 'The oldest' } })
  await client.tasks.create.mutate({ projectId, title: 'The newest' })
  await page.getByText('The newest').waitFor()
  expect(await page.getByText('The oldest').count()).toBe(0)
  await until(
    'all tasks are there',
    async () => {
      await page.mouse.wheel(0, 5_000)
      return (await rows().count()) === MANY + 1 ? true : undefined
    },
    SLOW_MS,
  )
  expect(await rows().last().textContent()).toBe('The oldest')
  await page.mouse.wheel(0, -50_000)
})

test('a task shows before the server has it, and goes again when it is refused', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await page.route('**/trpc/tasks.create*', async (route) => {
    await released
    await route.continue()
  })
  await add('Written at once')
  await page.locator('li.draft', { hasText: 'Written at once' }).waitFor()
  release()
  await page.locator('li.todo', { hasText: 'Written at once' }).waitFor()
  await page.unrouteAll({ behavior: 'wait' })
  await add('x'.repeat(301))
  expect(await page.getByRole('alert').textContent()).toMatch(/title.*300/)
  expect(await page.getByText('xxx').count()).toBe(0)
})

test('what others do shows as they do it, and the other way round', async () => {
  const { id } = await client.tasks.create.mutate({ projectId, title: 'From elsewhere' })
  await page.getByText('From elsewhere').waitFor()
  await page.getByLabel('From elsewhere').check()
  await until(
    'the server knows',
    async () => ((await client.tasks.get.query({ id })).status === 'done' ? true : undefined),
    SLOW_MS,
  )
  await client.tasks.delete.mutate({ id })
  await page.getByText('From elsewhere').waitFor({ state: 'detached' })
})

test('offline: nothing is lost, and what was done meanwhile is sent', async () => {
  await browser.setOffline(true)
  await page.locator('.live.connecting').waitFor()
  await client.tasks.create.mutate({ projectId, title: 'While you were away 1' })
  const { id, version } = await client.tasks.create.mutate({ projectId, title: 'Renamed' })
  await client.tasks.update.mutate({ id, version, data: { title: 'While you were away 2' } })
  await add('Written offline')
  await page.locator('li.draft', { hasText: 'Written offline' }).waitFor()
  // The list cannot be read again: what comes now comes by the stream, from where it stopped.
  await page.route('**/trpc/*tasks.list*', (route) => route.abort())
  await browser.setOffline(false)
  await isLive()
  for (const title of ['While you were away 1', 'While you were away 2'])
    await page.getByText(title).waitFor()
  await page.locator('li.todo', { hasText: 'Written offline' }).waitFor()
  await page.unrouteAll({ behavior: 'wait' })
  const { data } = await client.tasks.list.query({ projectId, search: 'Written offline' })
  expect(data.length).toBe(1)
})

test('a token that is not taken any more is renewed', async () => {
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('plinth.tokens') ?? '{}')
    localStorage.setItem('plinth.tokens', JSON.stringify({ ...kept, accessToken: `${kept.accessToken}x` }))
  })
  const renewed = page.waitForResponse((response) => response.url().includes('auth.refresh'))
  await page.reload()
  expect((await renewed).status()).toBe(200)
  await page.getByRole('button', { name: 'Engine' }).click()
  await isLive()
})

test('an upload shows how far it is, sent by the browser itself', async () => {
  const session = await browser.newCDPSession(page)
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_500_000 }
  await session.send('Network.emulateNetworkConditions', slow)
  const name = 'engine.txt'
  await page.locator('input[type=file]').setInputFiles({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.alloc(FILE_BYTES, 'The Analytical Engine weaves.\n'),
  })
  const shares = await page.evaluate<number[]>(WATCH_PROGRESS)
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect(shares.some((share) => share > 0 && share < 1)).toBe(true)
  await page.getByRole('button', { name }).waitFor()
  const { data } = await client.files.list.query({ projectId })
  expect(data).toMatchObject([{ name, bytes: FILE_BYTES }])
  await session.detach()
})

test('a report is made by a job, and can be taken home', async () => {
  await page.getByRole('button', { name: 'Make a report' }).click()
  const link = page.getByRole('link', { name: 'Download the report' })
  await link.waitFor()
  // The link names the public address, which this server does not have.
  const { pathname, search } = new URL((await link.getAttribute('href')) ?? '')
  const response = await fetch(`${server.baseUrl}${pathname}${search}`)
  expect(await response.text()).toContain('todo')
})

test('who logs out sees nothing any more', async () => {
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('button', { name: 'Log in' }).waitFor()
  expect(await page.getByText('Engine').count()).toBe(0)
})

test('whose session ends elsewhere is asked to log in, and sees nothing any more', async () => {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Engine' }).waitFor()
  await client.auth.logoutAll.mutate()
  await page.getByRole('button', { name: 'Engine' }).click()
  await page.getByRole('button', { name: 'Log in' }).waitFor()
  expect(await page.getByText('Engine').count()).toBe(0)
})

const rows = () => page.getByRole('list', { name: 'Tasks' }).getByRole('listitem')
const isLive = () => page.locator('.live.open').waitFor()

async function add(title: string): Promise<void> {
  await page.getByLabel('New task').fill(title)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
}

async function install(): Promise<void> {
  await packSdk(path.join(folder, 'plinth-client.tgz'))
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}

/** Serves the built page, on an origin of its own. */
async function servePages(): Promise<string> {
  pages = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = pathname === '/' ? '/index.html' : pathname
    readFile(path.join(folder, 'dist', path.normalize(file))).then(
      (content) => {
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream')
        response.end(content)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  const address = pages.address()
  if (address === null || typeof address === 'string') throw new Error('The pages got no port')
  return `http://127.0.0.1:${address.port}`
}
