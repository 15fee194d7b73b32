import { LRUCache } from 'lru-cache'
import { createWorkQueue } from '../limits/index.ts'
import type { Outbound } from '../outbound/index.ts'
import type { GuardedAccount } from './guard/account.ts'
import { createBreaker } from './guard/breaker.ts'
import { guardedProvider } from './guard/guarded-provider.ts'
import { knownKinds } from './known-kinds.ts'
import type { LlmOptions } from './llm-options.ts'
import { type LlmRegistry, llmRegistryOf } from './llm-registry.ts'
import type { LlmAdapter, OwnKey, ProviderKind } from './provider-kind.ts'

/** What one user's own account may have under way in this process. */
const OWN_CALLS = 8
/** The longest a call waits for others of the same account. */
const MAX_WAIT_MS = 10_000
/** Own accounts whose health is remembered. */
const OWN_ACCOUNTS = 5_000

type Shared = Pick<GuardedAccount, 'queue' | 'breaker'>

/**
 * Builds the registry with every known kind of provider. `others` replace those of the same name, or join them, as if the
 * platform had an account there. Does no I/O.
 */
export function createLlmRegistry(
  options: LlmOptions,
  outbound: Outbound,
  others: readonly LlmAdapter[] = [],
): LlmRegistry {
  const own = new LRUCache<string, Shared>({ max: OWN_ACCOUNTS })

  const shareOf = (running: number): Shared => ({
    queue: createWorkQueue({
      running,
      waiting: running * 2,
      waitMs: Math.min(MAX_WAIT_MS, options.firstTokenTimeoutMs),
    }),
    breaker: createBreaker({ failures: options.breakerFailures, openMs: options.breakerOpenMs }),
  })

  /** One user's troubles, with the key or the address that they brought, are nobody else's. */
  const ownShare = (kind: ProviderKind, { userId, baseUrl = '' }: OwnKey): Shared => {
    const key = `${kind.name} ${userId} ${baseUrl}`
    const share = own.get(key) ?? shareOf(Math.min(OWN_CALLS, options.maxCalls))
    own.set(key, share)
    return share
  }

  /** The address that a user chose is the only one that is not trusted. */
  const fetchFor = (key: OwnKey | undefined) =>
    key?.baseUrl === undefined ? outbound.operatorFetch : outbound.userFetch

  const build = (kind: ProviderKind, key: OwnKey | undefined) => {
    const { baseUrl, apiKey } =
      key === undefined
        ? { baseUrl: kind.platform?.baseUrl ?? '', apiKey: kind.platform?.apiKey }
        : { baseUrl: key.baseUrl ?? kind.ownKeyBaseUrl ?? '', apiKey: key.apiKey }
    const share = key === undefined ? shareOf(options.maxCalls) : ownShare(kind, key)
    return guardedProvider({
      name: kind.name,
      address: URL.canParse(baseUrl) ? new URL(baseUrl) : undefined,
      adapter: kind.create({ baseUrl, apiKey, fetch: fetchFor(key) }),
      limits: options,
      ...share,
    })
  }

  const registry = llmRegistryOf(build)
  for (const kind of knownKinds(options)) registry.register(kind)
  for (const adapter of others) registry.register(kindOf(adapter))
  return registry
}

function kindOf(adapter: LlmAdapter): ProviderKind {
  const { name } = adapter
  const platform = { baseUrl: `${name}:`, apiKey: undefined }
  return { name, title: name, platform, ownKey: 'none', create: () => adapter }
}
