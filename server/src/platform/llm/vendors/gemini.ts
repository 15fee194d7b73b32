import type { Vendor } from '../sdk/sdk-models.ts'
import { estimateTokens } from '../tokens/estimate-tokens.ts'

/** Google's Gemini over its own interface. */
export const gemini: Vendor = {
  name: 'gemini',
  async load() {
    const { createGoogle } = await import('@ai-sdk/google')
    return ({ baseUrl, apiKey = '', fetch }) => {
      const sdk = createGoogle({ baseURL: baseUrl, apiKey, fetch })
      return { chat: (model) => sdk.chat(model), embedding: (model) => sdk.embedding(model) }
    }
  },
  headers: (apiKey) => ({ 'x-goog-api-key': apiKey ?? '' }),
  embedOptions: (as) => ({
    google: { taskType: as === 'query' ? 'RETRIEVAL_QUERY' : 'RETRIEVAL_DOCUMENT' },
  }),
  countTokens: (_model, text) => estimateTokens(text),
  countsExactly: () => false,
}
