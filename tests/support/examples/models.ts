import { randomUUID } from 'node:crypto'
import { createKeyVault } from '../../../server/src/modules/models/providers/key-vault.ts'
import { createSecrets } from '../../../server/src/platform/secrets/index.ts'
import { TEST_SECRET } from '../config.ts'
import { addPeople } from '../people.ts'
import type { World } from '../world.ts'
import type { ExampleFactory } from './example.ts'

const TIMES = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T01:00:00+01:00' }

/** Examples of `models.*`, `providers.*`, `usage.*` and `budgets.*`. */
export const modelExamples: Record<string, ExampleFactory> = {
  'models.list': async () => ({
    input: { includeDisabled: true, kind: 'chat', provider: 'demo', limit: 5 },
  }),
  'models.get': async () => ({ input: { id: 'demo:answers' } }),
  'models.estimateCost': async () => ({
    input: { id: 'demo:answers', inputTokens: 1_200, outputTokens: 300 },
  }),
  'models.create': async () => ({
    input: {
      provider: 'openai',
      name: `model-${randomUUID()}`,
      title: 'Another one',
      kind: 'chat',
      contextTokens: 131_072,
      maxOutputTokens: 8_192,
      tools: true,
      enabled: true,
      inputPerMillion: '1.25',
      outputPerMillion: '10',
    },
  }),
  'models.update': async (world) => ({
    input: {
      id: await addModel(world),
      data: { title: 'Known by another name', enabled: true, contextTokens: 65_536, maxOutputTokens: null },
    },
  }),
  'models.setPrice': async (world) => ({
    input: {
      id: await addModel(world),
      inputPerMillion: '0.1',
      outputPerMillion: '0.5',
      validFrom: '2100-01-01T00:00:00Z',
    },
  }),
  'models.prices': async () => ({ input: { id: 'demo:answers', limit: 5 } }),
  'providers.list': async () => ({ input: { limit: 5 } }),
  'providers.setKey': async () => ({
    input: { provider: 'openai', apiKey: 'an-example-of-a-key' },
  }),
  'providers.removeKey': async (world, caller) => ({
    input: { provider: await keyOf(world, world.principals[caller].id, 'anthropic') },
  }),
  'providers.test': async (world, caller) => ({
    input: {
      provider: await keyOf(world, world.principals[caller].id, 'openai-compatible'),
      model: 'nobody-knows',
    },
  }),
  'usage.mine': async () => ({ input: TIMES }),
  // Of somebody who uses nothing meanwhile: searches are charged.
  'usage.byUser': async (world) => {
    const [person] = await addPeople(world.server, ['spender'])
    return { input: { userId: person?.id, ...TIMES } }
  },
  'usage.entries': async () => ({
    input: { ...TIMES, threadId: randomUUID(), runId: randomUUID(), limit: 5 },
  }),
  'budgets.list': async (world) => ({
    input: { userId: world.principals.viewer.id, role: 'user', limit: 5 },
  }),
  'budgets.set': async (world) => {
    const [person] = await addPeople(world.server, ['spender'])
    return { input: { userId: person?.id, period: 'month', maxTokens: 1_000_000, maxCost: '25' } }
  },
  'budgets.remove': async (world) => {
    const [person] = await addPeople(world.server, ['spender'])
    const { id } = await world.server.database.prisma.budget.create({
      data: { userId: person?.id ?? null, period: 'day', maxTokens: 1_000n },
    })
    return { input: { id } }
  },
}

/** A model that a test may change. */
async function addModel({ server }: World): Promise<string> {
  const name = `model-${randomUUID()}`
  const id = `openai:${name}`
  await server.database.prisma.model.create({
    data: {
      id,
      provider: 'openai',
      name,
      title: 'One more',
      kind: 'chat',
      contextTokens: 32_768,
      prices: { create: { inputPerMillion: '1', outputPerMillion: '2', validFrom: new Date('2026-01-01') } },
    },
  })
  await server.app.cache.deleteByTag('models.catalogue')
  return id
}

/** The provider at which the user has a key, for a server that cannot be reached from here. */
async function keyOf({ server }: World, userId: string, provider: string): Promise<string> {
  if (userId === '') return provider
  const place = { userId, provider, baseUrl: 'http://10.0.0.1/v1' }
  const vault = createKeyVault({ secrets: createSecrets(TEST_SECRET), logger: server.app.logger })
  const key = { ...place, sealed: vault.seal('an-example-of-a-key', place), lastFour: '-key' }
  await server.database.prisma.providerKey.upsert({
    where: { userId_provider: { userId, provider } },
    create: key,
    update: key,
  })
  await server.app.cache.deleteByTag(`models.keys ${userId}`)
  return provider
}
