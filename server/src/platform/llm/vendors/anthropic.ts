import type { Vendor } from '../sdk/sdk-models.ts'
import { estimateTokens } from '../tokens/estimate-tokens.ts'

/** The version of the interface that the SDK speaks. */
const VERSION = '2023-06-01'

/** Anthropic over its messages. It makes no vectors, and publishes no tokenizer. */
export const anthropic: Vendor = {
  name: 'anthropic',
  async load() {
    const { createAnthropic } = await import('@ai-sdk/anthropic')
    return ({ baseUrl, apiKey = '', fetch }) => {
      const sdk = createAnthropic({ baseURL: baseUrl, apiKey, fetch })
      return { chat: (model) => sdk.messages(model), embedding: undefined }
    }
  },
  headers: (apiKey) => ({ 'x-api-key': apiKey ?? '', 'anthropic-version': VERSION }),
  countTokens: (_model, text) => estimateTokens(text),
  countsExactly: () => false,
}
