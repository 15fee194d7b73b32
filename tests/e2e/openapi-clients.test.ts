import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installTools } from '../support/installed-tools.ts'
import { run } from '../support/packed-sdk.ts'
import { addPeople, PASSWORD } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { fetchConsumer, heyConsumer } from './openapi-consumers.ts'

const TOOLS = [
  '@redocly/cli@2.77.0',
  'openapi-typescript@7.13.0',
  'openapi-fetch@0.17.0',
  '@hey-api/openapi-ts@0.99.0',
  'typescript@5.9.3',
  '@types/node@24.19.2',
]
const document = path.join(import.meta.dirname, '../../docs/reference/openapi.json')

let tools: string
let folder: string
let server: TestServer

beforeAll(async () => {
  tools = await installTools(TOOLS)
  server = await startServer()
  folder = await mkdtemp(path.join(tmpdir(), 'plinth-openapi-'))
  await symlink(path.join(tools, 'node_modules'), path.join(folder, 'node_modules'))
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

function tool(name: string, ...args: string[]): Promise<string> {
  return run(path.join(tools, 'node_modules/.bin', name), args, folder)
}

/** Runs a compiled program against the server and gives back what it printed. */
async function runConsumer(name: string): Promise<unknown> {
  const [person] = await addPeople(server, [name])
  const program = path.join(folder, 'out', `${name}.js`)
  const printed = await run(
    process.execPath,
    [program, server.baseUrl, person?.email ?? '', PASSWORD],
    folder,
  )
  return JSON.parse(printed)
}

test('Redocly’s recommended rules find no error', async () => {
  await tool('redocly', 'lint', document, '--extends', 'recommended', '--max-problems', '5')
})

const expected = {
  role: 'owner',
  titles: ['First'],
  code: 'NOT_FOUND',
  status: 404,
  stale: 'VERSION_CONFLICT',
}

test('openapi-typescript and @hey-api/openapi-ts make clients that compile strictly and call the server', async () => {
  await tool('openapi-typescript', document, '--default-non-nullable', 'false', '--output', 'schema.d.ts')
  await tool('openapi-ts', '--input', document, '--output', 'hey', '--silent')
  await writeFile(path.join(folder, 'fetch.ts'), fetchConsumer)
  await writeFile(path.join(folder, 'hey-api.ts'), heyConsumer)
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(STRICT))
  await tool('tsc')
  expect(await runConsumer('fetch')).toEqual(expected)
  expect(await runConsumer('hey-api')).toEqual({ ...expected, file: 'notes.txt', change: 'task.created' })
})

const STRICT = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable'],
    types: ['node'],
    outDir: 'out',
  },
  files: ['fetch.ts', 'hey-api.ts'],
}
