import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CONTRACT_VERSION } from '../../client-sdk/src/generated/version.ts'
import type * as Sdk from '../../client-sdk/src/index.ts'
import { packSdk, run } from '../support/packed-sdk.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** Below the package, so that what it depends on is found without installing it again. */
const HOME = path.join(import.meta.dirname, '../../client-sdk/node_modules')

let folder: string
let server: TestServer

beforeAll(async () => {
  await mkdir(HOME, { recursive: true })
  folder = await mkdtemp(path.join(HOME, '.old-sdk-'))
  await packSdk(path.join(folder, 'client.tgz'))
  server = await startServer()
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

afterEach(() => vi.restoreAllMocks())

/** The packed SDK as if it had been made for `version`, when there was a procedure `tasks.gone`. */
async function sdkOf(version: string): Promise<typeof Sdk> {
  const home = path.join(folder, version)
  await mkdir(home)
  await run('tar', ['-xzf', path.join(folder, 'client.tgz'), '-C', home], folder)
  const generated = path.join(home, 'package/dist/generated')
  await change(path.join(generated, 'version.js'), `'${CONTRACT_VERSION}'`, `'${version}'`)
  const facts = "procedures = {\n    'tasks.gone': { kind: 'query', batch: true },"
  await change(path.join(generated, 'procedures.js'), 'procedures = {', facts)
  return await import(pathToFileURL(path.join(home, 'package/dist/index.js')).href)
}

async function change(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(file, text.replace(from, to))
}

test('an old SDK is told once per process and server, and errors that may come of it say so', async () => {
  const { createClient, isPlinthError } = await sdkOf('0.0.9')
  const warnings: Sdk.ClientWarning[] = []
  const options = {
    baseUrl: server.baseUrl,
    onWarning: (warning: Sdk.ClientWarning) => void warnings.push(warning),
  }
  const client = createClient(options)
  await client.users.me.query().catch(() => undefined)
  await client.users.me.query().catch(() => undefined)
  await createClient(options)
    .users.me.query()
    .catch(() => undefined)
  expect(warnings).toEqual([
    {
      code: 'CLIENT_OUTDATED',
      clientVersion: '0.0.9',
      serverVersion: CONTRACT_VERSION,
      command: `npm i @plinth/client@${CONTRACT_VERSION}`,
      message: expect.stringMatching(/0\.0\.9.*npm i @plinth\/client@.*CHANGELOG\.md/),
    },
  ])

  const gone: unknown = Reflect.get(client.tasks, 'gone')
  const failure = await callQuery(gone).catch((error: unknown) => error)
  if (!isPlinthError(failure)) throw new Error('It did not fail as it should.')
  expect(failure.code).toBe('NOT_FOUND')
  expect(failure.message).toContain('There is no such procedure. This client is @plinth/client 0.0.9')

  const refused = await client.auth.login
    .mutate(JSON.parse('{"name":"ada"}'))
    .catch((error: unknown) => error)
  if (!isPlinthError(refused)) throw new Error('It did not fail as it should.')
  expect([refused.code, refused.message]).toEqual([
    'BAD_REQUEST',
    expect.stringContaining('npm i @plinth/client@'),
  ])
})

test('a newer SDK is told that the server is old, on the console unless told otherwise', async () => {
  const { createClient } = await sdkOf('99.0.0')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await createClient({ baseUrl: server.baseUrl })
    .users.me.query()
    .catch(() => undefined)
  await createClient({ baseUrl: server.baseUrl })
    .users.me.query()
    .catch(() => undefined)
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^@plinth\/client: .*99\.0\.0.*Update the server/)],
  ])
})

test('an SDK of the server’s own version hears nothing', async () => {
  const { createClient } = await import('../../client-sdk/src/index.ts')
  const onWarning = vi.fn()
  await createClient({ baseUrl: server.baseUrl, onWarning })
    .users.me.query()
    .catch(() => undefined)
  expect(onWarning).not.toHaveBeenCalled()
  const response = await fetch(`${server.baseUrl}/trpc/users.me`, {
    headers: { 'x-plinth-contract': CONTRACT_VERSION },
  })
  expect(response.headers.get('x-plinth-outdated')).toBeNull()
})

function callQuery(procedure: unknown): Promise<unknown> {
  const query: unknown =
    typeof procedure === 'object' && procedure !== null && Reflect.get(procedure, 'query')
  if (typeof query !== 'function') throw new Error('There is no such procedure in this SDK.')
  return query({})
}
