import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scopes } from '../../server/src/contract/scopes.ts'
import { openBrowser } from '../support/browser.ts'
import { mutate } from '../support/http.ts'
import { addPerson, PASSWORD, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let adminsOnly: TestServer
let browser: Awaited<ReturnType<typeof openBrowser>>

beforeAll(async () => {
  server = await startServer({ variables: { DOCS_ACCESS: 'public' } })
  adminsOnly = await startServer({ variables: { DOCS_ACCESS: 'admin' }, beside: server })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await adminsOnly[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

/** What a page did that it must not: errors, refusals of its policy, requests to others. */
interface Watched extends AsyncDisposable {
  readonly page: Page
  readonly troubles: readonly string[]
  readonly requests: readonly string[]
}

/** Runs in the page, before anything of it. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) =>
  console.log('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`

async function open(baseUrl: string, address: string): Promise<Watched> {
  const page = await browser.newPage()
  const troubles: string[] = []
  const requests: string[] = []
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().startsWith('policy:')) troubles.push(message.text())
  })
  page.on('request', (request) => {
    const { origin, pathname, protocol } = new URL(request.url())
    if (origin === baseUrl) requests.push(`${request.method()} ${pathname}`)
    else if (!['data:', 'blob:'].includes(protocol)) troubles.push(`request to ${origin}`)
  })
  await page.addInitScript(REPORT_VIOLATIONS)
  await page.goto(`${baseUrl}${address}`)
  return { page, troubles, requests, [Symbol.asyncDispose]: () => page.close() }
}

async function logIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  const bar = page.getByRole('banner')
  await bar.getByLabel('E-mail').fill(email)
  await bar.getByLabel('Password').fill(password)
  await bar.getByRole('button', { name: 'Log in', exact: true }).click()
}

/** Opens the dialog of the operation that the address led to, sends the call and waits for what the answer says. */
async function tryCall(page: Page, summary: string, answered: string): Promise<void> {
  const heading = page.getByRole('heading', { name: summary })
  const operation = page.locator('section').filter({ has: heading }).last()
  await operation.getByRole('button', { name: /Test Request/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: /^Send/ }).first().click()
  await dialog.getByText(answered).first().waitFor()
}

/** What the page keeps beyond itself. */
function keptBy(page: Page): Promise<string> {
  return page.evaluate<string>(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
  )
}

const ME = '/docs#tag/users/GET/users/me'
const ME_SUMMARY = 'Returns the account of the caller.'

test('whoever logs in once can try any call, and the page talks to nobody else', async () => {
  const person = await addPerson(server, 'reader')
  await using docs = await open(server.baseUrl, ME)
  const { page } = docs
  await logIn(page, person.email)
  await page.getByText(person.email).waitFor()
  await tryCall(page, ME_SUMMARY, '200 OK')
  expect(await page.getByRole('dialog').textContent()).toContain(person.email)
  const kept = await keptBy(page)
  expect(kept).not.toContain('eyJ')
  expect(kept).not.toContain(PASSWORD)
  expect(docs.requests.filter((one) => !one.includes('/docs/assets/'))).toEqual([
    'GET /docs',
    'GET /openapi.json',
    'POST /api/v1/auth/login',
    'GET /api/v1/users/me',
  ])
  expect(docs.troubles).toEqual([])
})

test('an API key does as well; a wrong password is said', async () => {
  const { email, token } = await addPerson(server, 'reader')
  const made = await mutate(
    server.baseUrl,
    'apiKeys.create',
    { name: 'Docs', scopes: [...scopes] },
    { token },
  )
  await using docs = await open(server.baseUrl, ME)
  const { page } = docs
  await logIn(page, email, 'not it at all')
  await page.getByText('E-mail or password is wrong.').first().waitFor()
  await page.getByRole('button', { name: 'Use an API key' }).click()
  const key = textOf(made, 'key')
  await page.locator('#key input').fill(key)
  await page.getByRole('button', { name: 'Use it' }).click()
  await tryCall(page, ME_SUMMARY, '200 OK')
  expect(await keptBy(page)).not.toContain(key.slice(13))
  // The refused log-in is an answer of ours that the browser reports.
  expect(docs.troubles.filter((one) => !one.includes('401'))).toEqual([])
})

test('every way of calling is shown, on a dark screen too', async () => {
  await using docs = await open(server.baseUrl, '/docs#tag/tasks/PATCH/tasks/{id}')
  const { page } = docs
  await page.emulateMedia({ colorScheme: 'dark' })
  const heading = page.getByRole('heading', { name: 'Change a task.' })
  const operation = page.locator('section').filter({ has: heading }).last()
  await operation.getByText('client.tasks.update').waitFor()
  for (const [label, text] of [
    ['curl', 'curl -X PATCH'],
    ['Command line', 'plinth tasks update'],
    ['MCP', '"tools/call"'],
  ] as const) {
    await operation.getByRole('button', { name: /(SDK|curl|Command line)$/ }).click()
    await page.getByRole('option', { name: label }).click()
    await operation.getByText(text).first().waitFor()
  }
  expect(docs.troubles).toEqual([])
})

test('where only admins may read, the page asks, and shows an admin everything', async () => {
  const [user, admin] = [await addPerson(server, 'user'), await addPerson(server, 'boss', 'admin')]
  await using docs = await open(adminsOnly.baseUrl, '/docs')
  const { page } = docs
  await page.getByText('Log in as an admin to read this.').waitFor()
  await logIn(page, user.email)
  await page.getByText('Only admins may read this.').waitFor()
  await page.getByRole('button', { name: 'Log out' }).click()
  await logIn(page, admin.email)
  await page.getByRole('heading', { name: 'Sending again' }).waitFor()
  expect(docs.troubles.filter((one) => !/status of 40[13]/.test(one))).toEqual([])
})

test('the error catalogue is a page of its own', async () => {
  await using docs = await open(server.baseUrl, '/docs/errors#SLUG_TAKEN')
  const row = docs.page.locator('#SLUG_TAKEN')
  expect(await row.textContent()).toContain('The slug is taken.')
  const colour = await docs.page.evaluate(
    "getComputedStyle(document.querySelector('#SLUG_TAKEN')).backgroundColor",
  )
  expect(colour).not.toBe('rgba(0, 0, 0, 0)')
  expect(docs.troubles).toEqual([])
})
