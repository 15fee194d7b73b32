/** How one provider is reached. */
export interface ProviderOptions {
  readonly baseUrl: string
  /** The platform's own key. It is sent to `baseUrl` and nowhere else. */
  readonly apiKey: string | undefined
}

/** What the operator says of language models. */
export interface LlmOptions {
  readonly openai: ProviderOptions
  readonly anthropic: ProviderOptions
  readonly gemini: ProviderOptions
  /** Undefined when there is none. */
  readonly openaiCompatible: (ProviderOptions & { readonly models: readonly string[] }) | undefined
  readonly defaultProvider: string
  /** What the default provider calls its default model; its first in the catalogue unless given. */
  readonly defaultModel: string | undefined
  /** `<provider>:<name>`. */
  readonly embeddingModel: string
  readonly firstTokenTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly maxOutputTokens: number
  /** Calls of one provider under way at once. */
  readonly maxCalls: number
  /** So many failures in a row stop calls of a provider. */
  readonly breakerFailures: number
  /** For how long they stop at first. */
  readonly breakerOpenMs: number
  readonly userTokensPerDay: number | undefined
}
