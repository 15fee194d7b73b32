import type { FinishReason, LlmPart, LlmProvider, LlmRequest, TokenUsage } from './llm-provider.ts'

/** A piece of an answer as an adapter hands it on. */
export type AdapterPart =
  | Exclude<LlmPart, { readonly type: 'finish' }>
  /** Something came that is no part of the answer, such as a thought: the provider is not silent. */
  | { readonly type: 'alive' }
  /** Without `usage` where the provider says nothing; it is counted then. */
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: TokenUsage | undefined }

/**
 * What a provider brings; whole answers, limits of time and size, the breaker and the telemetry are put around it. It
 * may fail with an `LlmError`, or with anything else, which counts as an answer that could not be read.
 */
export interface LlmAdapter extends Omit<LlmProvider, 'generate' | 'stream'> {
  stream(request: LlmRequest): AsyncIterable<AdapterPart>
  /** Whether `countTokens` is exact for this model; it is taken for an estimate unless this says so. */
  countsExactly?(model: string): boolean
}

/** How one account at a provider is reached. */
export interface ProviderConnection {
  /** Where it is; a name with a colon (`demo:`) for what works in this process. */
  readonly baseUrl: string
  readonly apiKey: string | undefined
  /** The only way out: it follows no redirect, and reaches no private address where a user chose the address. */
  readonly fetch: typeof globalThis.fetch
}

/** One kind of provider, as it is registered. */
export interface ProviderKind {
  /** `openai`: small letters, digits and dashes. Stands in model ids, so it is for good. */
  readonly name: string
  /** `OpenAI`. */
  readonly title: string
  /** The platform's own account; undefined when there is none, and only users with a key of their own can ask it. */
  readonly platform: Omit<ProviderConnection, 'fetch'> | undefined
  /** What users may bring: nothing, a key, or a key with an address of their own. */
  readonly ownKey: 'none' | 'key' | 'key-and-address'
  /** Where users' keys go that come without an address; undefined when an address must come with them. */
  readonly ownKeyBaseUrl?: string | undefined
  /** Does no I/O. */
  create(connection: ProviderConnection): LlmAdapter
}

/** A key that a user brought. */
export interface OwnKey {
  readonly apiKey: string
  /** Only for kinds whose `ownKey` is `key-and-address`; then it gets this key and never another. */
  readonly baseUrl?: string | undefined
  /** What goes wrong with this user's account is kept from everybody else's calls. */
  readonly userId: string
}

/** A kind of provider as others see it. */
export interface ProviderInfo extends Pick<ProviderKind, 'name' | 'title' | 'ownKey'> {
  /** Whether the platform has an account, so that everybody may ask. */
  readonly configured: boolean
  /** Whether a key of a user's own needs an address with it. */
  readonly needsAddress: boolean
}
