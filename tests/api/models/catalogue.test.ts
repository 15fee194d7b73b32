import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApplication } from '../../../server/src/app.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { type Answer, field, mutate, query } from '../../support/http.ts'
import { addPerson, type LogIn, type Person, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'

let server: TestServer
let admin: Person & LogIn
let user: Person & LogIn
beforeAll(async () => {
  server = await startServer({
    variables: {
      OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:9/v1',
      OPENAI_COMPATIBLE_MODELS: 'llama3.1:8b,meta/llama',
    },
  })
  admin = await addPerson(server, 'admin', 'admin')
  user = await addPerson(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const idsOf = (answer: Answer): unknown[] => {
  const data = field(expectOk(answer).data, 'data')
  return Array.isArray(data) ? data.map((model) => field(model, 'id')) : []
}
const ask = (path: string, input: unknown, who = user) => query(server.baseUrl, path, input, who)
const change = (path: string, input: unknown, who = admin) => mutate(server.baseUrl, path, input, who)

/** A new model of the operator's own server. */
async function addModel(name: string, more: object = {}): Promise<string> {
  const input = {
    provider: 'openai-compatible',
    name,
    title: name,
    kind: 'chat',
    contextTokens: 1_000,
    inputPerMillion: '1.25',
    outputPerMillion: '10',
    ...more,
  }
  return textOf(expectOk(await change('models.create', input)), 'id')
}

describe('models.list', () => {
  test('has what came with the version, and what the operator’s own server has, once', async () => {
    const all = await ask('models.list', { limit: 100 })
    expect(idsOf(all)).toEqual(
      expect.arrayContaining(['demo:local', 'openai-compatible:llama3.1:8b', 'openai-compatible:meta/llama']),
    )
    expect(new Set(idsOf(all)).size).toBe(idsOf(all).length)
    const own = await ask('models.list', { provider: 'openai-compatible', kind: 'chat' })
    expect(field(own.data, 'data')).toMatchObject([
      { id: 'openai-compatible:llama3.1:8b', usable: true, price: { inputPerMillion: '0' } },
      { id: 'openai-compatible:meta/llama', usable: true },
    ])
    expect(field((await ask('models.list', { provider: 'openai', limit: 1 })).data, 'data')).toMatchObject([
      { enabled: true, usable: false },
    ])
  })

  test('leaves out what is disabled unless asked, and goes on by cursor', async () => {
    const id = await addModel('switched-off', { enabled: false })
    expect(idsOf(await ask('models.list', { limit: 100 }))).not.toContain(id)
    const first = await ask('models.list', { limit: 2, includeDisabled: true })
    const cursor = textOf(first, 'pagination', 'nextCursor')
    const rest = await ask('models.list', { limit: 100, includeDisabled: true, cursor })
    expect(idsOf(rest)).toContain(id)
    const paged = await ask('models.list', { limit: 100, includeDisabled: true, page: 1 })
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(idsOf(paged))
    expectRefused(await ask('models.list', { limit: 2, cursor }), 400)
  })
})

describe('models.get', () => {
  test('answers a model, enabled or not, by names with slashes too', async () => {
    const answer = expectOk(await ask('models.get', { id: 'openai-compatible:meta/llama' }))
    expect(answer.data).toMatchObject({ title: 'meta/llama', kind: 'chat' })
    expectRefused(await ask('models.get', { id: 'openai:nothing-like-it' }), 404)
    expectRefused(await ask('models.get', { id: 'nonsense' }), 400)
    expectRefused(await query(server.baseUrl, 'models.get', { id: 'demo:answers' }), 401)
  })
})

describe('models.estimateCost', () => {
  test('is exact, and refuses where nobody has said a price', async () => {
    const id = await addModel('costs')
    const cost = await ask('models.estimateCost', { id, inputTokens: 1, outputTokens: 3 })
    expect(expectOk(cost).data).toMatchObject({ cost: '0.00003125', price: { outputPerMillion: '10' } })
    const free = await addModel('unpriced', {
      enabled: false,
      inputPerMillion: undefined,
      outputPerMillion: undefined,
    })
    expect(
      expectRefused(await ask('models.estimateCost', { id: free, inputTokens: 1, outputTokens: 1 }), 409)
        .error,
    ).toMatchObject({ reason: 'MODEL_NOT_AVAILABLE' })
    expectRefused(await ask('models.estimateCost', { id, inputTokens: -1, outputTokens: 1 }), 400)
  })
})

describe('models.create', () => {
  test('is for admins, once, and needs what such a model needs', async () => {
    const id = await addModel('created')
    const again = {
      provider: 'openai-compatible',
      name: 'created',
      title: 'x',
      kind: 'chat',
      contextTokens: 1,
    }
    const priced = { ...again, inputPerMillion: '1', outputPerMillion: '1' }
    expectRefused(await change('models.create', priced), 409)
    expectRefused(await change('models.create', { ...priced, name: 'other' }, user), 403)
    const refusedFields = async (input: object) => {
      const { error } = expectRefused(
        await change('models.create', { ...priced, name: 'bad', ...input }),
        400,
      )
      return error
    }
    expect(await refusedFields({ provider: 'nobody' })).toMatchObject({ issues: [{ field: 'provider' }] })
    expect(await refusedFields({ kind: 'embedding' })).toMatchObject({ issues: [{ field: 'dimension' }] })
    expect(await refusedFields({ inputPerMillion: '1e3' })).toMatchObject({
      issues: [{ field: 'inputPerMillion' }],
    })
    const unpriced = await change('models.create', { ...again, name: 'bad' })
    expect(expectRefused(unpriced, 400).error).toMatchObject({ issues: [{ field: 'enabled' }] })
    expect(idsOf(await ask('models.list', { limit: 100 }))).toContain(id)
  })
})

describe('models.update', () => {
  test('takes effect at once and outlives the lists of later versions', async () => {
    const id = 'openai-compatible:meta/llama'
    const data = { title: 'Our llama', contextTokens: 64_000, enabled: true }
    expect(expectOk(await change('models.update', { id, data })).data).toMatchObject(data)
    expect((await ask('models.get', { id })).data).toMatchObject(data)
    await server.database.prisma.modelList.deleteMany()
    const later = createApplication(server.config, server.database, { schedules: false })
    await later.models.start()
    expect(await server.database.prisma.model.findUniqueOrThrow({ where: { id } })).toMatchObject(data)
    await later.close()
  })

  test('is refused to users, for what is not there, and for enabling without a price', async () => {
    const id = await addModel('no-price', {
      enabled: false,
      inputPerMillion: undefined,
      outputPerMillion: undefined,
    })
    const refused = await change('models.update', { id, data: { enabled: true } })
    expect(expectRefused(refused, 400).error).toMatchObject({ issues: [{ field: 'data.enabled' }] })
    expectRefused(await change('models.update', { id, data: {} }, user), 403)
    expectRefused(await change('models.update', { id: 'openai:not-there', data: { title: 'x' } }), 404)
  })
})

describe('models.setPrice', () => {
  test('keeps what was, and what is to come', async () => {
    const id = await addModel('repriced')
    const price = { inputPerMillion: '3', outputPerMillion: '15' }
    expect(expectOk(await change('models.setPrice', { id, ...price })).data).toMatchObject({ price })
    const validFrom = '2100-01-01T00:00:00.000Z'
    const later = await change('models.setPrice', { id, ...price, inputPerMillion: '4', validFrom })
    expect(expectOk(later).data).toMatchObject({ price })
    expectRefused(await change('models.setPrice', { id, ...price, validFrom }), 409)
    const past = await change('models.setPrice', { id, ...price, validFrom: '2020-01-01T00:00:00Z' })
    expect(expectRefused(past, 400).error).toMatchObject({ issues: [{ field: 'validFrom' }] })
    expectRefused(await change('models.setPrice', { id, ...price }, user), 403)
    expect(field(expectOk(await ask('models.prices', { id })).data, 'data')).toMatchObject([
      { inputPerMillion: '4', validFrom },
      { inputPerMillion: '3', shipped: false },
      { inputPerMillion: '1.25' },
    ])
    expectRefused(await ask('models.prices', { id: 'openai:not-there' }), 404)
  })
})

test('a preferred provider has to be one', async () => {
  const update = (preferredProvider: string) =>
    mutate(server.baseUrl, 'users.update', { id: user.id, data: { preferredProvider } }, user)
  expect(expectRefused(await update('nobody'), 400).error).toMatchObject({
    issues: [{ field: 'data.preferredProvider', value: 'nobody' }],
  })
  expectOk(await update('openai-compatible'))
  const chosen = await server.app.models.calls.chatModel({ userId: user.id, role: 'user' })
  expect(chosen.id).toBe('openai-compatible:llama3.1:8b')
})
