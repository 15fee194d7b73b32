import type { LlmProvider } from './llm-provider.ts'
import type { OwnKey, ProviderInfo, ProviderKind } from './provider-kind.ts'

/** Every kind of provider there is. */
export interface LlmRegistry {
  /** Adds a kind of provider, or replaces the one of this name. @throws Error for a name that cannot stand in model ids */
  register(kind: ProviderKind): void
  /** All kinds, in the order they came. */
  list(): readonly ProviderInfo[]
  /** The provider with the platform's key; undefined when there is none of this name or the platform has no account. */
  get(name: string): LlmProvider | undefined
  /**
   * The provider with a user's own key, which is sent to `baseUrl` or the configured address and nowhere else; the
   * platform's key is never part of it. Undefined when there is none of this name, or when it takes no such key.
   */
  withKey(name: string, own: OwnKey): LlmProvider | undefined
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/

/** Builds the provider of one account. */
export type ProviderFactory = (kind: ProviderKind, own: OwnKey | undefined) => LlmProvider

/** Builds a registry with nothing in it.  */
export function llmRegistryOf(build: ProviderFactory): LlmRegistry {
  const kinds = new Map<string, ProviderKind>()
  const platform = new Map<string, LlmProvider>()
  return {
    register(kind) {
      if (!NAME.test(kind.name)) throw new Error(`"${kind.name}" cannot be the name of a provider`)
      kinds.set(kind.name, kind)
      platform.delete(kind.name)
    },
    list: () => [...kinds.values()].map(infoOf),
    get(name) {
      const kind = kinds.get(name)
      if (kind?.platform === undefined) return undefined
      const built = platform.get(name) ?? build(kind, undefined)
      platform.set(name, built)
      return built
    },
    withKey(name, own) {
      const kind = kinds.get(name)
      return kind === undefined || !takes(kind, own) ? undefined : build(kind, own)
    },
  }
}

function takes(kind: ProviderKind, own: OwnKey): boolean {
  if (own.baseUrl !== undefined) return kind.ownKey === 'key-and-address'
  return kind.ownKey !== 'none' && kind.ownKeyBaseUrl !== undefined
}

function infoOf({ name, title, ownKey, platform, ownKeyBaseUrl }: ProviderKind): ProviderInfo {
  return {
    name,
    title,
    ownKey,
    configured: platform !== undefined,
    needsAddress: ownKey === 'key-and-address' && ownKeyBaseUrl === undefined,
  }
}
