import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../../server/src/config/index.ts'
import { TEST_SECRET } from '../support/config.ts'
import { createTestDatabase, databaseKind } from '../support/database.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate, query, send } from '../support/http.ts'
import { newEmail, PASSWORD, textOf } from '../support/people.ts'
import { openSite, spawnServer } from '../support/server-process.ts'
import { openStream } from '../support/sse.ts'
import { until } from '../support/until.ts'

/** 32 bytes and more, and still no secret: from documentations, or typed along the keyboard. */
const KNOWN_SECRETS = {
  'FastAPI’s tutorial': '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  'jwt.io': 'a-string-secret-at-least-256-bits-long',
  Supabase: 'super-secret-jwt-token-with-at-least-32-characters-long',
  'the alphabet': 'abcdefghijklmnopqrstuvwxyz0123456789',
  'the digits again and again': '1234567890abcdef1234567890abcdef1234567890abcdef',
  'a good half, twice': `${'kR7mX2pQ9vT4wZ8n'}${'kR7mX2pQ9vT4wZ8n'}`,
}

const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://plinth.test', JWT_SECRET: TEST_SECRET }
const weak = 'aVeryRecognisableSecretIndeed'

/** What must not be accepted, by the variable that must be named. */
const unsafe: readonly (readonly [string, string, Record<string, string>])[] = [
  ['no secret in production', 'JWT_SECRET', { ...production, JWT_SECRET: '' }],
  ['a secret of 31 bytes', 'JWT_SECRET', { ...production, JWT_SECRET: TEST_SECRET.slice(0, 31) }],
  [
    'a known secret',
    'JWT_SECRET',
    { ...production, JWT_SECRET: 'your-secret-change-me-your-secret-change-me' },
  ],
  ['a secret of one letter', 'JWT_SECRET', { ...production, JWT_SECRET: 'a'.repeat(64) }],
  ['a weak secret in development', 'JWT_SECRET', { NODE_ENV: 'development', JWT_SECRET: weak }],
  ['a weak former secret', 'JWT_SECRET_PREVIOUS', { ...production, JWT_SECRET_PREVIOUS: weak }],
  ['production without an address of its own', 'PUBLIC_URL', { ...production, PUBLIC_URL: '' }],
  ['http in production', 'PUBLIC_URL', { ...production, PUBLIC_URL: 'http://plinth.test' }],
  ['a script as address', 'PUBLIC_URL', { ...production, PUBLIC_URL: 'javascript:alert(1)' }],
  ['cheap hashing in production', 'BCRYPT_COST', { ...production, BCRYPT_COST: '4' }],
  ['a body of 10mbb', 'MAX_BODY_BYTES', { ...production, MAX_BODY_BYTES: '10mbb' }],
  ['an endless body', 'MAX_BODY_BYTES', { ...production, MAX_BODY_BYTES: 'Infinity' }],
  ['no body', 'MAX_BODY_BYTES', { ...production, MAX_BODY_BYTES: '0' }],
  ['a negative port', 'PORT', { ...production, PORT: '-1' }],
  ['a port of words', 'PORT', { ...production, PORT: '0x50' }],
  ['tokens for a year', 'ACCESS_TOKEN_MINUTES', { ...production, ACCESS_TOKEN_MINUTES: '525600' }],
  ['every origin', 'CORS_ORIGINS', { ...production, CORS_ORIGINS: '*' }],
  ['an origin with a path', 'CORS_ORIGINS', { ...production, CORS_ORIGINS: 'https://app.plinth.test/x' }],
  ['an unknown mode', 'NODE_ENV', { ...production, NODE_ENV: 'prod' }],
  ['half a superuser', 'FIRST_SUPERUSER_EMAIL', { ...production, FIRST_SUPERUSER_EMAIL: 'a@example.com' }],
  [
    'a short superuser password',
    'FIRST_SUPERUSER_PASSWORD',
    { ...production, FIRST_SUPERUSER_EMAIL: 'a@example.com', FIRST_SUPERUSER_PASSWORD: 'short' },
  ],
  ['http origins in production', 'CORS_ORIGINS', { ...production, CORS_ORIGINS: 'http://app.plinth.test' }],
  ['everybody as a proxy', 'TRUSTED_PROXIES', { ...production, TRUSTED_PROXIES: '10.0.0.0/8,0.0.0.0/0' }],
  ['the demo in production', 'PLINTH_SEED', { ...production, PLINTH_SEED: 'true' }],
  [
    'half of the keys to a bucket',
    'STORAGE_S3_ACCESS_KEY_ID',
    { ...production, STORAGE_S3_ACCESS_KEY_ID: 'x' },
  ],
  [
    'a superuser password from the list',
    'FIRST_SUPERUSER_PASSWORD',
    { ...production, FIRST_SUPERUSER_EMAIL: 'a@example.com', FIRST_SUPERUSER_PASSWORD: 'password12345' },
  ],
  [
    'a superuser password made of the address',
    'FIRST_SUPERUSER_PASSWORD',
    {
      ...production,
      FIRST_SUPERUSER_EMAIL: 'marguerite@example.com',
      FIRST_SUPERUSER_PASSWORD: 'Marguerite2026!',
    },
  ],
  ['a token for metrics to guess', 'METRICS_TOKEN', { ...production, METRICS_TOKEN: 'prometheus' }],
  ...Object.entries(KNOWN_SECRETS).map(
    ([from, secret]) =>
      [`the secret of ${from}`, 'JWT_SECRET', { ...production, JWT_SECRET: secret }] as const,
  ),
  ...Object.entries({
    DATABASE_URL: 'postgresql://plinth:hunter2hunter2@db.example.com/plinth',
    REDIS_URL: 'redis://:hunter2hunter2@203.0.113.9:6379',
    SMTP_URL: 'smtp://mailer:hunter2hunter2@mail.example.com:587',
    STORAGE_S3_ENDPOINT: 'http://s3.example.com',
    OPENAI_BASE_URL: 'http://models.example.com/v1',
    ANTHROPIC_BASE_URL: 'http://models.example.com/v1',
    GEMINI_BASE_URL: 'http://models.example.com/v1',
    OPENAI_COMPATIBLE_BASE_URL: 'http://models.example.com/v1',
    CHROMA_URL: 'http://vectors.example.com',
    QDRANT_URL: 'http://vectors.example.com',
  }).map(
    ([name, url]) => [`${name} over the network in the clear`, name, { ...production, [name]: url }] as const,
  ),
  [
    'a database in the clear, by a parameter',
    'DATABASE_URL',
    {
      ...production,
      DATABASE_URL: 'postgresql://plinth:hunter2hunter2@localhost/plinth?host=db.example.com',
    },
  ],
  ...Object.entries({
    DATABASE_URL: 'postgresql://postgres:postgres@db/plinth',
    REDIS_URL: 'rediss://:changeme@redis.example.com',
    STORAGE_S3_SECRET_ACCESS_KEY: 'minioadmin',
  }).map(
    ([name, value]) =>
      [
        `the password ${name} comes with`,
        name,
        {
          ...production,
          STORAGE_S3_ACCESS_KEY_ID: 'minioadmin',
          STORAGE_S3_SECRET_ACCESS_KEY: 'x',
          [name]: value,
        },
      ] as const,
  ),
  [
    'a password in the address of models',
    'OPENAI_COMPATIBLE_BASE_URL',
    { ...production, OPENAI_COMPATIBLE_BASE_URL: 'https://me:hunter2hunter2@models.example.com/v1' },
  ],
  [
    'another database',
    'DATABASE_URL',
    { ...production, DATABASE_URL: 'mysql://root:hunter2hunter2@127.0.0.1/x' },
  ],
]

function problemsOf(variables: Record<string, string>): string {
  try {
    loadConfig(variables)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

describe('A17 an unsafe configuration does not start', () => {
  test('a safe one is accepted', () => {
    expect(problemsOf(production)).toBe('')
  })

  test('connections without TLS are accepted on this machine, on private networks, and where said to be on one', () => {
    const places = [
      '127.0.0.1',
      '[::1]',
      '10.1.2.3',
      '192.168.9.9',
      '[fd00::1]',
      'db',
      'db.plinth.internal',
      'db.svc',
    ]
    for (const place of places) {
      const variables = {
        ...production,
        DATABASE_URL: `postgresql://plinth:hunter2hunter2@${place}:5432/plinth`,
        REDIS_URL: `redis://:hunter2hunter2@${place}:6379`,
        SMTP_URL: `smtp://mailer:hunter2hunter2@${place}:25`,
        STORAGE_S3_ENDPOINT: `http://${place}:9000`,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${place}:4318`,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2hunter2',
        OPENAI_COMPATIBLE_BASE_URL: `http://${place}:11434/v1`,
      }
      expect(problemsOf(variables), place).toBe('')
      const far = Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, value.replace(place, 'db.example.com')]),
      )
      expect(problemsOf(far).match(/in the clear/g)).toHaveLength(6)
      expect(problemsOf({ ...far, PRIVATE_HOSTS: 'DB.example.com' })).toBe('')
    }
  })

  test('connections with TLS are accepted anywhere', () => {
    const variables = {
      ...production,
      DATABASE_URL: 'postgresql://plinth:hunter2hunter2@db.example.com/plinth?sslmode=verify-full',
      REDIS_URL: 'rediss://:hunter2hunter2@redis.example.com',
      SMTP_URL: 'smtp://mailer:hunter2hunter2@mail.example.com:587?requireTLS=true',
      STORAGE_S3_ENDPOINT: 'https://s3.example.com',
    }
    expect(problemsOf(variables)).toBe('')
  })

  test.each(unsafe)('%s is refused, naming %s and showing no secret', (_name, variable, variables) => {
    const message = problemsOf(variables)
    expect(message).toContain(variable)
    const said = Object.entries(variables).filter(([name]) =>
      /SECRET|PASSWORD|TOKEN|_URL$|_ENDPOINT$/.test(name),
    )
    for (const [, secret] of said) if (secret !== '') expect(message).not.toContain(secret)
    expect(message).not.toContain('hunter2')
  })

  test('the process ends with an error, says every problem at once, and listens nowhere', async () => {
    await using server = spawnServer({
      NODE_ENV: 'production',
      JWT_SECRET: weak,
      PUBLIC_URL: 'http://plinth.test',
      MAX_BODY_BYTES: '10mbb',
      BCRYPT_COST: '12',
    })
    const { code } = await server.ended
    expect(code).not.toBe(0)
    expect(server.output()).toContain('MAX_BODY_BYTES')
    expect(server.output()).not.toContain(weak)
    expect(server.output()).not.toMatch(/\n\s+at .+:\d+:\d+/)
  })

  test('a superuser with a password from the list does not start in production, and no account is made', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plinth-start-'))
    const own = await ownDatabase()
    await using server = spawnServer({
      ...production,
      PLINTH_DATA: folder,
      ...own.variables,
      PORT: '0',
      BCRYPT_COST: '10',
      FIRST_SUPERUSER_EMAIL: 'root@example.com',
      FIRST_SUPERUSER_PASSWORD: 'password12345',
    })
    const { code } = await server.ended
    expect(code).not.toBe(0)
    expect(server.output()).toContain('FIRST_SUPERUSER_PASSWORD')
    expect(server.output()).not.toContain('password12345')
    await own.drop()
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }, 60_000)
})

/** Variables that name a database of the kind under test, and how to drop it; an embedded one goes with its folder. */
async function ownDatabase(): Promise<{ variables: Record<string, string>; drop: () => Promise<void> }> {
  if (databaseKind() === 'embedded') return { variables: {}, drop: async () => undefined }
  const { database, drop } = await createTestDatabase('postgres', { poolSize: 1 })
  return { variables: { DATABASE_URL: database.connectionString }, drop }
}

describe('O1 a signal to stop loses nothing', () => {
  test('not ready at once, alive and serving for the delay, streams end, exit 0, and every answered write is there', async () => {
    const own = await ownDatabase()
    await using site = await openSite({
      JWT_SECRET: TEST_SECRET,
      DRAIN_DELAY_MS: '1500',
      ...own.variables,
    })
    const { baseUrl } = site
    const email = newEmail()
    const registered = await mutate(baseUrl, 'auth.register', {
      email,
      password: PASSWORD,
      fullName: 'Somebody',
    })
    const as = { token: textOf(expectOk(registered, { tokens: true }), 'accessToken') }
    const made = await mutate(baseUrl, 'projects.create', { name: 'P', slug: 'drain' }, as)
    const projectId = textOf(expectOk(made), 'id')
    using stream = await openStream(baseUrl, 'tasks.onChange', { projectId }, as)
    expect(stream.status).toBe(200)

    const written: string[] = []
    const failures: string[] = []
    let stopping = false
    const load = Promise.all(
      Array.from({ length: 4 }, async (_, worker) => {
        for (let count = 0; !stopping; count += 1) {
          const title = `Write ${worker}-${count}`
          const answer = await mutate(baseUrl, 'tasks.create', { projectId, title }, as).catch(String)
          if (typeof answer === 'string' || answer.status !== 200) failures.push(String(answer))
          else written.push(title)
        }
      }),
    )
    await until('some writes', () => (written.length > 10 ? true : undefined))
    const ending = site.current().stop('SIGTERM')
    await until(
      'readiness to end',
      async () => ((await send(`${baseUrl}/readyz`)).status === 503 ? true : undefined),
      1_400,
    )
    expect((await send(`${baseUrl}/livez`)).status).toBe(200)
    // A balancer has seen it by now and sends nothing more.
    stopping = true
    await load
    await stream.ended(10_000)
    expect(await ending).toEqual({ code: 0, signal: null })
    expect(failures).toEqual([])
    await expect(fetch(`${baseUrl}/livez`)).rejects.toThrow()

    await site.start()
    const kept = new Set<string>()
    for (let page = 1, more = true; more; page += 1) {
      const list = expectOk(await query(baseUrl, 'tasks.list', { projectId, limit: 100, page }, as), {
        large: true,
      })
      const rows = Reflect.get(Object(list.data), 'data')
      for (const row of Array.isArray(rows) ? rows : []) kept.add(String(Reflect.get(Object(row), 'title')))
      more = Reflect.get(Object(Reflect.get(Object(list.data), 'pagination')), 'hasNext') === true
    }
    expect(written.filter((title) => !kept.has(title))).toEqual([])
    expect(kept.size).toBe(written.length)
    expectRefused(await mutate(baseUrl, 'tasks.create', { projectId, title: '' }, as), 400)
    await site[Symbol.asyncDispose]()
    await own.drop()
  }, 120_000)
})
