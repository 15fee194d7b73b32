import { type AppError, failBecause } from '../../../contract/errors.ts'
import type { LlmProvider } from '../../../platform/llm/llm-provider.ts'
import type { LlmRegistry } from '../../../platform/llm/llm-registry.ts'
import type { KeyVault } from './key-vault.ts'
import type { ReadUserSettings, StoredKey, UserSettings } from './user-settings.ts'

/** The part of the registry that says how providers are reached. */
export type Providers = Pick<LlmRegistry, 'list' | 'get' | 'withKey'>

/** A provider as one user reaches it. */
export interface ProviderAccess {
  readonly provider: LlmProvider
  /** The user's own key; null for the platform's. */
  readonly keyId: string | null
  /** The user's own server, whose prices nobody here knows. */
  readonly ownAddress: boolean
}

/** Decides with whose key a user reaches a provider: their own where they have one, else the platform's. */
export interface ModelAccess {
  /** Null when there is neither. */
  of(userId: string, provider: string): Promise<ProviderAccess | null>
  /** The same with settings that were read already. */
  from(userId: string, settings: UserSettings, provider: string): ProviderAccess | null
}

/** Builds the {@link ModelAccess}. */
export function createModelAccess(deps: {
  readonly providers: Providers
  readonly vault: KeyVault
  readonly settingsOf: ReadUserSettings
}): ModelAccess {
  const { providers, vault, settingsOf } = deps

  const own = (userId: string, key: StoredKey): ProviderAccess | null => {
    const apiKey = vault.open(key, userId)
    if (apiKey === undefined) return null
    const address = key.baseUrl === null ? {} : { baseUrl: key.baseUrl }
    const provider = providers.withKey(key.provider, { apiKey, userId, ...address })
    return provider === undefined ? null : { provider, keyId: key.id, ownAddress: key.baseUrl !== null }
  }
  const from: ModelAccess['from'] = (userId, settings, name) => {
    const key = settings.keys.find((one) => one.provider === name)
    const mine = key === undefined ? null : own(userId, key)
    if (mine !== null) return mine
    const provider = providers.get(name)
    return provider === undefined ? null : { provider, keyId: null, ownAddress: false }
  }

  return { from, of: async (userId, provider) => from(userId, await settingsOf(userId), provider) }
}

/** A model's provider has no key that this user could use. */
export function noAccess(modelId: string, provider: string): AppError {
  return failBecause('MODEL_NOT_AVAILABLE', {
    message: `${modelId} cannot be used: there is no key for ${provider}. Set your own with providers.setKey, or choose another model.`,
  })
}
