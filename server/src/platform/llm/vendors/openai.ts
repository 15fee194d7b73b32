import type { Vendor } from '../sdk/sdk-models.ts'
import { countOpenAiTokens, isOpenAiModel } from '../tokens/openai-tokens.ts'
import { bearer } from './bearer.ts'

/**
 * OpenAI over chat completions: its newer interface keeps answers at OpenAI unless told otherwise, and gives nothing
 * that is needed here.
 */
export const openai: Vendor = {
  name: 'openai',
  async load() {
    const { createOpenAI } = await import('@ai-sdk/openai')
    return ({ baseUrl, apiKey = '', fetch }) => {
      const sdk = createOpenAI({ baseURL: baseUrl, apiKey, fetch })
      return { chat: (model) => sdk.chat(model), embedding: (model) => sdk.embedding(model) }
    }
  },
  headers: bearer,
  countTokens: countOpenAiTokens,
  countsExactly: isOpenAiModel,
}
