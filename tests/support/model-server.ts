import type { ModelCalls, ModelUse } from '../../server/src/modules/models/index.ts'
import type { LlmPart } from '../../server/src/platform/llm/llm-provider.ts'
import { type ScriptedProvider, scriptedProvider } from './llm/scripted-provider.ts'
import { addPeople } from './people.ts'
import { startServer, type TestServer, type TestServerOptions } from './server.ts'

/** What {@link modelServer} gives. */
export interface ModelServer extends AsyncDisposable {
  readonly server: TestServer
  readonly provider: ScriptedProvider
  readonly calls: ModelCalls
}

/** A price at which a thousand tokens cost a cent. */
const TEN_A_MILLION = { inputPerMillion: '10', outputPerMillion: '10' } as const

/** A server whose default model answers as a test says: `scripted:one`, at {@link TEN_A_MILLION}. */
export async function modelServer(options: TestServerOptions = {}): Promise<ModelServer> {
  const provider = scriptedProvider()
  const server = await startServer({
    ...options,
    overrides: { llmProviders: [provider, scriptedProvider('demo')], ...options.overrides },
  })
  if (options.beside === undefined) await addModel(server, 'scripted:one')
  return {
    server,
    provider,
    calls: server.app.models.calls,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Adds a chat model straight to the catalogue. */
async function addModel(server: TestServer, id: string, data: { enabled?: boolean } = {}): Promise<void> {
  const [provider = '', name = ''] = id.split(':')
  await server.database.prisma.model.create({
    data: {
      id,
      provider,
      name,
      title: name,
      kind: 'chat',
      contextTokens: 100_000,
      tools: true,
      ...data,
      prices: { create: { ...TEN_A_MILLION, validFrom: new Date('2026-01-01T00:00:00Z') } },
    },
  })
  await server.app.cache.deleteByTag('models.catalogue')
}

/** Somebody new who uses a model. */
export async function someone(server: TestServer): Promise<ModelUse> {
  const [person] = await addPeople(server, ['asker'])
  if (person === undefined) throw new Error('Nobody was made')
  return { actor: { userId: person.id, role: 'user' }, purpose: 'chat' }
}

/** A question of few tokens. */
export function question(text = 'Well?', more: { maxOutputTokens?: number; signal?: AbortSignal } = {}) {
  return {
    modelId: 'scripted:one',
    messages: [{ role: 'user' as const, text }],
    maxOutputTokens: more.maxOutputTokens ?? 50,
    signal: more.signal ?? AbortSignal.timeout(60_000),
  }
}

/** Reads all parts. */
export async function readAll(parts: AsyncIterable<LlmPart>): Promise<LlmPart[]> {
  const all: LlmPart[] = []
  for await (const part of parts) all.push(part)
  return all
}

/** What one user's spending says. */
export async function spendingOf(server: TestServer, use: ModelUse) {
  const row = await server.database.prisma.budgetSpending.findUnique({ where: { userId: use.actor.userId } })
  return row === null ? null : { tokens: Number(row.dayTokens), cost: row.dayCost.toString() }
}
