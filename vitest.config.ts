import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { findPrograms, findRedisServer } from './tests/faults/machine/programs.ts'
import { findChromium } from './tests/support/chromium.ts'

/**
 * Tests in these folders run twice: on the embedded database and, where one answers, on a Postgres server. They
 * learn which one from `process.env.TEST_DATABASE`.
 */
const DATABASE_TESTS = ['tests/{integration,api,security,contract,regression,fuzz}/**/*.test.ts']
/**
 * These are about HTTP, texts, rules, mail servers or Redis more than about what a database does with a statement, and
 * their statements run on both elsewhere (the access matrix calls every procedure): once is enough, on Postgres where
 * there is one.
 */
const ONCE = [
  'tests/integration/agents/**',
  'tests/api/{agent-tools,chat,mcp,react,replay,rest}/**',
  'tests/api/accounts/{guessing,keys-end,lock-out,mail-links,refresh,settings}.test.ts',
  'tests/api/contract-document.test.ts',
  'tests/api/files/{downloads,leftovers,multipart}.test.ts',
  'tests/api/flags/flag-providers.test.ts',
  'tests/api/knowledge/{ingest-ends,search-quality}.test.ts',
  'tests/contract/{error-catalogue,example-input,json-schema,openapi,round-trips,sdk-printer}.test.ts',
  'tests/contract/parity/**',
  'tests/fuzz/**',
  'tests/integration/{chat,events,limits,llm,mail,storage,telemetry}/**',
  'tests/integration/jobs/{fences,poison}.test.ts',
  'tests/integration/knowledge/killed-ingest.test.ts',
  'tests/integration/streams/**',
  'tests/integration/vectors/servers-gone.test.ts',
  'tests/security/{api-keys,dependencies,docs,envelope,http-oddities,limits,login,logs,mailed-secrets,mcp*,naughty,objects}.test.ts',
  'tests/security/llm-*.test.ts',
  'tests/security/{agents,documents,provider-keys}.test.ts',
  'tests/security/{origins,outbound,overload,passwords,redis-gone,rights,rolling-restart,sessions,slow-clients,start-up,tokens,transport}.test.ts',
]
/** Calls every procedure as everybody, as others do on Postgres alone. */
const EMBEDDED_ONLY = ['tests/contract/access-matrix.test.ts']
/** These start a Redis of their own, to do bad things to it. */
const REDIS_TESTS = ['tests/integration/{cache,limits}/**', 'tests/security/redis-gone.test.ts']
const isRedisThere = findRedisServer() !== undefined
const PROBE_LIMIT_MS = 1000

const serverUrl = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** Asks for TLS, which every Postgres answers with one letter and nothing else does. */
async function isPostgresThere(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return await new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port === '' ? 5432 : port) })
    const finish = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(PROBE_LIMIT_MS, () => finish(false))
    socket.once('error', () => finish(false))
    socket.once('close', () => finish(false))
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])))
    socket.once('data', (data) => finish(data[0] === 0x53 || data[0] === 0x4e))
  })
}

const isPostgres = await isPostgresThere(serverUrl)

function databaseProject(name: 'embedded' | 'postgres'): TestProjectConfiguration {
  const env =
    name === 'embedded' ? { TEST_DATABASE: name } : { TEST_DATABASE: name, TEST_DATABASE_URL: serverUrl }
  const exclude = [
    ...configDefaults.exclude,
    ...(isRedisThere ? [] : REDIS_TESTS),
    ...(name === 'embedded' && isPostgres ? ONCE : []),
    ...(name === 'postgres' ? EMBEDDED_ONLY : []),
  ]
  return { extends: true, test: { name, include: DATABASE_TESTS, exclude, env } }
}

const projects: TestProjectConfiguration[] = [
  {
    extends: true,
    test: {
      name: 'unit',
      // Nothing in them outlives a test, and a process for each of 90 files costs more than they do.
      isolate: false,
      include: [
        'server/src/**/*.test.ts',
        'client-sdk/src/**/*.test.ts',
        'tests/unit/**/*.test.ts',
        'tests/faults/checker/*.test.ts',
      ],
    },
  },
  databaseProject('embedded'),
  {
    extends: true,
    test: { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 240_000 },
  },
]

if (isPostgres) {
  projects.push(databaseProject('postgres'))
} else {
  const reason = 'No Postgres answers at TEST_DATABASE_URL or 127.0.0.1:5432'
  if (process.env.CI === 'true' && existsSync('/usr/lib/postgresql')) {
    throw new Error(`${reason}, although one is installed here. Start it, or use .ci/run, which does.`)
  }
  process.stderr.write(
    `${reason}: the database tests run on the embedded database only. Start one to run them on both.\n`,
  )
}

if (!isRedisThere) {
  process.stderr.write('redis-server is not installed: the tests of what needs Redis are not run.\n')
}

if (findChromium() === undefined) {
  process.stderr.write('Chromium is not installed: the tests in a browser are not run.\n')
} else {
  projects.push({
    extends: true,
    test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], testTimeout: 120_000 },
  })
}

/** Servers of their own, killed under load: run after all others and alone, as their times are part of the result. */
const programs = findPrograms()
if ('missing' in programs) {
  process.stderr.write(`The faults are not run: ${programs.missing}\n`)
} else {
  projects.push({
    extends: true,
    test: {
      name: 'faults',
      include: ['tests/faults/*.test.ts'],
      sequence: { groupOrder: 1 },
      maxWorkers: 1,
      testTimeout: 480_000,
      hookTimeout: 120_000,
    },
  })
}

export default defineConfig({
  test: {
    projects,
    // One more than the cores of a small machine: many of these tests wait, for servers that start, stop or come back.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    retry: 0,
    allowOnly: false,
  },
})
