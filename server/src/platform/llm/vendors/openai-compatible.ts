import type { Vendor } from '../sdk/sdk-models.ts'
import { estimateTokens } from '../tokens/estimate-tokens.ts'
import { bearer } from './bearer.ts'

/** How any server is spoken to that speaks OpenAI's chat completions: LiteLLM, Ollama, vLLM, and many vendors. */
export function openaiCompatible(name: string): Vendor {
  return {
    name,
    async load() {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      return ({ baseUrl, apiKey, fetch }) => {
        const sdk = createOpenAICompatible({
          name,
          baseURL: baseUrl,
          includeUsage: true,
          fetch,
          ...(apiKey === undefined ? {} : { apiKey }),
        })
        return { chat: (model) => sdk.chatModel(model), embedding: (model) => sdk.embeddingModel(model) }
      }
    },
    headers: bearer,
    countTokens: (_model, text) => estimateTokens(text),
    countsExactly: () => false,
  }
}
