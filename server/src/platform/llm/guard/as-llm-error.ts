import { LlmError } from '../llm-error.ts'

/** What an adapter threw, as the one error of providers. */
export function asLlmError(provider: string, thrown: unknown): LlmError {
  return thrown instanceof LlmError ? thrown : new LlmError('bad_answer', provider, { cause: thrown })
}
