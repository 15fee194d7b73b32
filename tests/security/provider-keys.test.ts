import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApplication } from '../../server/src/app.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { field, mutate, query } from '../support/http.ts'
import { MINUTE, type MovingClock, movingClock } from '../support/moving-clock.ts'
import { addPerson, type LogIn, type Person } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

const KEY = 'the-very-own-key-of-somebody-Q7zK'
const PLATFORM = 'the-key-of-the-platform-W3xN'

/** Takes every question and never says anything: what stands for OpenAI here. */
const silent = createServer(() => undefined)
let server: TestServer
let clock: MovingClock
let user: Person & LogIn
beforeAll(async () => {
  clock = movingClock()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server = await startServer({
    variables: { OPENAI_API_KEY: PLATFORM, OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
    overrides: { clock },
  })
  user = await addPerson(server)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  silent.closeAllConnections()
  silent.close()
})

const setKey = (input: object, who = user) =>
  mutate(server.baseUrl, 'providers.setKey', { provider: 'openai', apiKey: KEY, ...input }, who)
const providerOf = async (name: string, who = user) => {
  const data = field(expectOk(await query(server.baseUrl, 'providers.list', {}, who)).data, 'data')
  return Array.isArray(data) ? data.find((one) => field(one, 'name') === name) : undefined
}

/** Everything there is in the tables that a key could get into. */
async function dump(): Promise<string> {
  const { rows: tables } = await server.database.pool.query<{ name: string }>(
    "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const { rows } = await server.database.pool.query(`SELECT t::text FROM ${name} t`)
    texts.push(JSON.stringify(rows))
  }
  return texts.join('\n')
}

describe('L2 a key of a user’s own', () => {
  test('is in no row, no answer and no audit entry; its end is shown to its owner alone', async () => {
    const answer = expectOk(await setKey({}))
    expect(answer.text).not.toContain(KEY)
    expect(answer.data).toMatchObject({
      name: 'openai',
      usable: true,
      key: { lastFour: 'Q7zK', baseUrl: null },
    })
    expect(await providerOf('openai')).toMatchObject({ key: { lastFour: 'Q7zK' } })
    const other = await addPerson(server)
    expect(await providerOf('openai', other)).toMatchObject({ key: null, configured: true })
    const rows = await dump()
    for (const spelling of [KEY, Buffer.from(KEY).toString('hex'), Buffer.from(KEY).toString('base64')]) {
      expect(rows).not.toContain(spelling)
    }
    expect(rows).not.toContain(PLATFORM)
    expect(rows).toContain('providers.setKey')
  })

  test('does not open in another’s row, at another address, or for another provider', async () => {
    expectOk(await setKey({}))
    const thief = await addPerson(server)
    const { prisma } = server.database
    const where = { userId_provider: { userId: user.id, provider: 'openai' } }
    const { sealed } = await prisma.providerKey.findUniqueOrThrow({ where })
    const vaultRow = { sealed, lastFour: 'Q7zK', baseUrl: null }
    await prisma.providerKey.create({ data: { ...vaultRow, userId: thief.id, provider: 'openai' } })
    await prisma.providerKey.create({ data: { ...vaultRow, userId: thief.id, provider: 'anthropic' } })
    const use = { actor: { userId: thief.id, role: 'user' as const }, purpose: 'chat' as const }
    const question = {
      messages: [{ role: 'user' as const, text: 'Well?' }],
      signal: AbortSignal.timeout(30_000),
    }
    // No platform key for Anthropic, and the stolen one is none.
    await expect(
      server.app.models.calls.ask(use, { ...question, modelId: 'anthropic:claude-sonnet-5-5' }),
    ).rejects.toMatchObject({ reason: 'MODEL_NOT_AVAILABLE' })
    // As if there were no key: the platform's account, and it is the platform's budget that counts it.
    const { usageId } = await server.app.models.calls.ask(use, { ...question, modelId: 'openai:gpt-4.1' })
    expect(await prisma.usageEntry.findUniqueOrThrow({ where: { id: usageId } })).toMatchObject({
      providerKeyId: null,
    })
    // A test of one's own key never goes by the platform's.
    const tested = await mutate(server.baseUrl, 'providers.test', { provider: 'openai' }, thief)
    expect(expectOk(tested).data).toMatchObject({ ok: false, reason: 'PROVIDER_KEY_REFUSED' })
  })

  test('where the provider is silent is an answer of providers.test, not a failure', async () => {
    const owner = await addPerson(server)
    expectOk(await setKey({}, owner))
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms === 30_000 ? 300 : ms))
    const answer = await mutate(server.baseUrl, 'providers.test', { provider: 'openai' }, owner)
    spy.mockRestore()
    expect(expectOk(answer).data).toMatchObject({ ok: false, reason: 'PROVIDER_TIMEOUT' })
  })

  test('is in the ledger, and takes nothing from the budget', async () => {
    const owner = await addPerson(server)
    expectOk(await setKey({}, owner))
    await server.database.prisma.budget.create({ data: { userId: owner.id, period: 'day', maxTokens: 1n } })
    const { prisma } = server.database
    const { usageId } = await server.app.models.calls.ask(
      { actor: { userId: owner.id, role: 'user' }, purpose: 'chat' },
      {
        modelId: 'openai:gpt-4.1',
        messages: [{ role: 'user', text: 'Well?' }],
        signal: AbortSignal.timeout(30_000),
      },
    )
    const entry = await prisma.usageEntry.findUniqueOrThrow({ where: { id: usageId } })
    expect(entry.providerKeyId).not.toBeNull()
    expect(await prisma.budgetSpending.findUnique({ where: { userId: owner.id } })).toBeNull()
  })

  test('still opens after the secret was changed, while the old one is known', async () => {
    expectOk(await setKey({}))
    const rotated = createApplication(
      {
        ...server.config,
        jwtSecret: 'Zk3vQ8rTn5WbX1mL7cYp0sHd4GfJ9uEa6OiR2tBw',
        previousJwtSecrets: [server.config.jwtSecret],
      },
      server.database,
      { schedules: false },
    )
    const { usageId } = await rotated.models.calls.ask(
      { actor: { userId: user.id, role: 'user' }, purpose: 'chat' },
      {
        modelId: 'openai:gpt-4.1',
        messages: [{ role: 'user', text: 'Well?' }],
        signal: AbortSignal.timeout(30_000),
      },
    )
    const entry = await server.database.prisma.usageEntry.findUniqueOrThrow({ where: { id: usageId } })
    expect(entry.providerKeyId).not.toBeNull()
    await rotated.close()
  })

  test('needs a fresh password and a session, and goes with removeKey', async () => {
    const owner = await addPerson(server)
    clock.move(16 * MINUTE)
    const stale = await setKey({}, owner)
    clock.reset()
    expect(expectRefused(stale, 403).error).toMatchObject({ reason: 'REAUTH_REQUIRED' })
    expectOk(await setKey({}, owner))
    const remove = () => mutate(server.baseUrl, 'providers.removeKey', { provider: 'openai' }, owner)
    expectOk(await remove())
    expect(await providerOf('openai', owner)).toMatchObject({ key: null })
    expectRefused(await remove(), 404)
    expectRefused(await mutate(server.baseUrl, 'providers.test', { provider: 'openai' }, owner), 404)
    expectRefused(await setKey({ apiKey: 'with spaces in it' }, owner), 400)
    expectRefused(await setKey({ provider: 'nobody' }, owner), 404)
    expectRefused(await mutate(server.baseUrl, 'providers.setKey', { provider: 'openai', apiKey: KEY }), 401)
  })
})

describe('L1 an address of a user’s own', () => {
  test.each([
    'http://127.0.0.1/v1',
    'http://localhost:4000/v1',
    'http://169.254.169.254/latest',
    'http://[::1]/v1',
    'http://0x7f.1/v1',
    'http://10.0.0.1/v1',
    'file:///etc/passwd',
    'http://somebody@example.com/v1',
  ])('%s is refused by its field', async (baseUrl) => {
    const refused = expectRefused(await setKey({ provider: 'openai-compatible', baseUrl }), 400)
    expect(refused.error).toMatchObject({ reason: 'INVALID_URL', issues: [{ field: 'baseUrl' }] })
  })

  test('is taken by no provider that has one, and needed by the one that has none', async () => {
    for (const input of [{ baseUrl: 'https://example.com/v1' }, { provider: 'openai-compatible' }]) {
      expect(expectRefused(await setKey(input), 400).error).toMatchObject({ issues: [{ field: 'baseUrl' }] })
    }
  })

  test('where nobody answers is an answer of providers.test, not a failure', async () => {
    const { prisma } = server.database
    const owner = await addPerson(server)
    expectOk(
      await setKey({ provider: 'openai-compatible', baseUrl: 'https://nothing-there.example.com/v1' }, owner),
    )
    const answer = await mutate(
      server.baseUrl,
      'providers.test',
      { provider: 'openai-compatible', model: 'anything' },
      owner,
    )
    expect(expectOk(answer).data).toMatchObject({ ok: false, reason: 'PROVIDER_UNAVAILABLE' })
    const [entry] = await prisma.usageEntry.findMany({ where: { userId: owner.id } })
    expect(entry).toMatchObject({ purpose: 'test', state: 'settled', inputTokens: 0, priceId: null })
  })
})
