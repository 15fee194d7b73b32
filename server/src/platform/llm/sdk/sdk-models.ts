import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider'
import type { JsonObject } from '../json.ts'
import type { EmbedRequest } from '../llm-provider.ts'
import type { ProviderConnection } from '../provider-kind.ts'

/** What a package of the AI SDK makes of a connection. */
export interface SdkModels {
  chat(model: string): LanguageModelV4
  /** Undefined where the vendor makes no vectors. */
  readonly embedding: ((model: string) => EmbeddingModelV4) | undefined
}

/** How one vendor is spoken to. */
export interface Vendor {
  readonly name: string
  /** Loads the vendor's package at the first call: a server that never asks this vendor does without it. */
  load(): Promise<(connection: ProviderConnection) => SdkModels>
  /** What a question for the list of models carries. */
  headers(apiKey: string | undefined): Readonly<Record<string, string>>
  /** What the vendor wants to know of texts that become vectors. */
  embedOptions?(as: EmbedRequest['as']): Readonly<Record<string, JsonObject>>
  countTokens(model: string, text: string): number
  countsExactly(model: string): boolean
}
