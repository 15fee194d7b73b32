import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { AppError, fail, failBecause, invalid } from '../../../contract/errors.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { ProviderInfo } from '../../../platform/llm/index.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { ModelCalls } from '../model-calls.ts'
import { pageOfMemory } from '../paged.ts'
import { type KeyVault, lastFourOf } from './key-vault.ts'
import type { Providers } from './model-access.ts'
import { deleteKey, upsertKey } from './providers.repository.ts'
import type * as schema from './providers.schema.ts'
import type { Provider } from './providers.schema.ts'
import { keysTag, type ReadUserSettings, type StoredKey } from './user-settings.ts'

type Call<Input extends z.ZodType> = { readonly actor: Actor; readonly input: z.output<Input> }
type Write<Input extends z.ZodType, Output extends z.ZodType> = Call<Input> & {
  readonly unit: UnitOfWork<z.input<Output>>
}

/** Ways of reaching models, and users' own keys there. */
export interface ProvidersService {
  /** @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<typeof schema.ProvidersListInput>): Promise<z.input<typeof schema.ProvidersListOutput>>
  /** @throws NOT_FOUND, BAD_REQUEST (`provider`, `baseUrl`), INVALID_URL */
  setKey(
    call: Write<typeof schema.ProvidersSetKeyInput, typeof schema.ProvidersSetKeyOutput>,
  ): Promise<Provider>
  /** @throws NOT_FOUND */
  removeKey(
    call: Write<typeof schema.ProvidersRemoveKeyInput, typeof schema.ProvidersRemoveKeyOutput>,
  ): Promise<{ ok: true }>
  /** @throws NOT_FOUND without a key, MODEL_NOT_AVAILABLE without a model to ask */
  test(
    call: Write<typeof schema.ProvidersTestInput, typeof schema.ProvidersTestOutput> & {
      readonly signal: AbortSignal | undefined
    },
  ): Promise<z.input<typeof schema.ProvidersTestOutput>>
}

/** What the service is made of. */
export interface ProvidersServiceDeps {
  readonly clock: Clock
  readonly providers: Providers
  readonly vault: KeyVault
  readonly settingsOf: ReadUserSettings
  readonly catalogue: Catalogue
  readonly calls: Pick<ModelCalls, 'ask'>
  /** Why an address that a user gave is not used; undefined when it can be tried. */
  readonly problemOf: (url: string) => Promise<string | undefined>
}

type Outcome = z.input<typeof schema.ProvidersTestOutput>

const KEY_UNREADABLE: Outcome = {
  ok: false,
  reason: 'PROVIDER_KEY_REFUSED',
  message: 'Your key cannot be read any more: set it again.',
}
/** The longest a test may take. */
const TEST_MS = 30_000
/** Models that think before they speak need some. */
const TEST_TOKENS = 64

/** Builds the {@link ProvidersService}. */
export function createProvidersService(deps: ProvidersServiceDeps): ProvidersService {
  const { clock, providers, vault, settingsOf, catalogue, calls, problemOf } = deps
  /** Calls go by the platform's key where a user's own does not open; a test of their own must not. */
  const opens = (key: StoredKey, userId: string): boolean => vault.open(key, userId) !== undefined
  const find = (name: string): ProviderInfo => {
    const info = providers.list().find((one) => one.name === name)
    if (info === undefined) throw fail('NOT_FOUND')
    return info
  }
  const requireAddress = async (info: ProviderInfo, baseUrl: string | undefined): Promise<void> => {
    if (info.ownKey === 'none') throw invalid('provider', `${info.title} takes no keys.`, info.name)
    if (baseUrl === undefined) {
      if (info.needsAddress) throw invalid('baseUrl', `${info.title} needs the address of your server.`)
      return
    }
    if (info.ownKey !== 'key-and-address') {
      throw invalid('baseUrl', `Keys for ${info.title} are sent to its own address only.`)
    }
    const problem = await problemOf(baseUrl)
    if (problem === undefined) return
    throw failBecause('INVALID_URL', { issues: [{ field: 'baseUrl', message: problem }] })
  }

  return {
    async list({ actor, input }) {
      const { keys } = await settingsOf(actor.userId)
      return pageOfMemory(input, {
        scope: { list: 'providers', filters: {} },
        items: providers.list(),
        nameOf: ({ name }) => name,
        present: (info) => present(info, keys.find(({ provider }) => provider === info.name) ?? null),
      })
    },

    async setKey({ actor: { userId }, input: { provider, apiKey, baseUrl: address }, unit }) {
      const info = find(provider)
      await requireAddress(info, address)
      const baseUrl = address ?? null
      const lastFour = lastFourOf(apiKey)
      const sealed = vault.seal(apiKey, { userId, provider, baseUrl })
      return await unit.commit(async (change) => {
        const now = clock.now()
        const { id } = await upsertKey(change.db, { userId, provider, sealed, lastFour, baseUrl }, now)
        change.invalidate(keysTag(userId))
        change.audit({ targetType: 'providerKey', targetId: id, changes: { provider, baseUrl } })
        return present(info, { lastFour, baseUrl, updatedAt: now.toISOString() })
      })
    },

    removeKey: ({ actor: { userId }, input: { provider }, unit }) =>
      unit.commit(async (change) => {
        const id = await deleteKey(change.db, userId, provider)
        if (id === null) throw fail('NOT_FOUND')
        change.invalidate(keysTag(userId))
        change.audit({ targetType: 'providerKey', targetId: id, changes: { provider } })
        return { ok: true }
      }),

    async test({ actor, input: { provider, model }, signal, unit }) {
      const { keys } = await settingsOf(actor.userId)
      const key = keys.find((one) => one.provider === provider)
      if (key === undefined) throw fail('NOT_FOUND', { message: 'You have set no key there.' })
      const modelId = model === undefined ? await firstModel(provider) : `${provider}:${model}`
      const outcome = opens(key, actor.userId) ? await tryCall(actor, modelId, signal) : KEY_UNREADABLE
      return await unit.commit(async (change) => {
        change.audit({
          targetType: 'providerKey',
          targetId: key.id,
          changes: { provider, ok: outcome.ok, reason: outcome.reason },
        })
        return outcome
      })
    },
  }

  async function firstModel(provider: string): Promise<string> {
    const models = await catalogue.all()
    const first = models.find((one) => one.provider === provider && one.kind === 'chat' && one.enabled)
    if (first !== undefined) return first.id
    throw failBecause('MODEL_NOT_AVAILABLE', {
      message: `The catalogue has no model of ${provider}: name the one to ask.`,
    })
  }

  async function tryCall(actor: Actor, modelId: string, outer: AbortSignal | undefined): Promise<Outcome> {
    const deadline = AbortSignal.timeout(TEST_MS)
    const signal = outer === undefined ? deadline : AbortSignal.any([outer, deadline])
    const messages = [{ role: 'user', text: 'Answer with one word: ready.' }] as const
    try {
      const question = { modelId, messages, maxOutputTokens: TEST_TOKENS, signal }
      const { parts } = await calls.ask({ actor, purpose: 'test' }, question)
      for await (const part of parts) if (part.type === 'finish') break
      return { ok: true, reason: null, message: 'The provider answered.' }
    } catch (thrown) {
      // Silence until the deadline is what a provider did, not what happened here.
      const error = deadline.aborted && thrown === deadline.reason ? failBecause('PROVIDER_TIMEOUT') : thrown
      if (!(error instanceof AppError) || error.reason?.startsWith('PROVIDER_') !== true) throw error
      return { ok: false, reason: error.reason, message: error.message }
    }
  }
}

function present(
  { name, title, configured, ownKey, needsAddress }: ProviderInfo,
  key: z.infer<typeof schema.ProvidersSetKeyOutput>['key'],
): Provider {
  return {
    name,
    title,
    configured,
    takesKey: ownKey !== 'none',
    takesBaseUrl: ownKey === 'key-and-address',
    needsBaseUrl: needsAddress,
    key: key === null ? null : { lastFour: key.lastFour, baseUrl: key.baseUrl, updatedAt: key.updatedAt },
    usable: configured || key !== null,
  }
}
