export { createLlmRegistry } from './create-llm-registry.ts'
export type { LlmRegistry } from './llm-registry.ts'
export type { LlmAdapter, ProviderInfo } from './provider-kind.ts'
