import { z } from 'zod'
import { integer, list, url } from './setting-types.ts'

const httpUrl = url(/^https?:\/\//, 'give an http(s) address')

/** The settings of language models and of where vectors are; part of the one schema in schema.ts. */
export const modelSettings = {
  OPENAI_API_KEY: z.string().min(1).optional(),
  OPENAI_BASE_URL: httpUrl
    .default('https://api.openai.com/v1')
    .describe('Where OPENAI_API_KEY is sent, and nowhere else.'),
  ANTHROPIC_API_KEY: z.string().min(1).optional(),
  ANTHROPIC_BASE_URL: httpUrl.default('https://api.anthropic.com/v1'),
  GEMINI_API_KEY: z.string().min(1).optional(),
  GEMINI_BASE_URL: httpUrl.default('https://generativelanguage.googleapis.com/v1beta'),
  OPENAI_COMPATIBLE_BASE_URL: httpUrl
    .optional()
    .describe(
      'Any server that speaks OpenAI’s interface: LiteLLM, Ollama, vLLM (http://localhost:11434/v1).',
    ),
  OPENAI_COMPATIBLE_API_KEY: z.string().min(1).optional(),
  OPENAI_COMPATIBLE_MODELS: list
    .default([])
    .describe('What it calls its chat models, comma-separated; they join the catalogue.'),
  DEFAULT_LLM_PROVIDER: z
    .enum(['demo', 'openai', 'anthropic', 'gemini', 'openai-compatible'])
    .default('demo')
    .describe('Who answers when neither a call nor the user names one. demo needs no key and no network.'),
  DEFAULT_LLM_MODEL: z
    .string()
    .min(1)
    .optional()
    .describe(
      'What that provider calls the model. Default: the first of its enabled models in the catalogue.',
    ),
  EMBEDDING_MODEL: z
    .string()
    .regex(/^[a-z-]+:.+$/, 'give <provider>:<model>, for example openai:text-embedding-3-small')
    .default('demo:local')
    .describe('What makes vectors of documents. demo:local works on this machine.'),
  LLM_FIRST_TOKEN_TIMEOUT_MS: integer(100, 600_000)
    .default(30_000)
    .describe('The longest a provider may take before its first token.'),
  LLM_IDLE_TIMEOUT_MS: integer(100, 600_000)
    .default(30_000)
    .describe('The longest pause between two tokens.'),
  LLM_TOTAL_TIMEOUT_MS: integer(100, 3_600_000).default(300_000).describe('The longest one answer may take.'),
  LLM_MAX_OUTPUT_TOKENS: integer(1, 1_000_000).default(4_096).describe('The most one answer may have.'),
  LLM_MAX_CALLS: integer(1, 10_000)
    .default(100)
    .describe(
      'Calls of one provider under way at once in this process; more wait, and are refused when too many do.',
    ),
  LLM_BREAKER_FAILURES: integer(1, 1_000)
    .default(5)
    .describe('After so many failures in a row a provider is left alone for a while.'),
  LLM_BREAKER_OPEN_MS: integer(100, 600_000)
    .default(10_000)
    .describe(
      'For how long; then one call tries, and if it fails the time doubles, up to eight times as long.',
    ),
  USER_TOKENS_PER_DAY: integer(0, 1_000_000_000_000)
    .optional()
    .describe('What a user may use of models a day where no budget says otherwise. Default: no limit.'),
  VECTOR_STORE: z
    .enum(['pgvector', 'exact', 'chroma', 'qdrant'])
    .optional()
    .describe(
      'Where vectors are. Default: pgvector where the database has it (the embedded one does), else exact.',
    ),
  CHROMA_URL: httpUrl.optional().describe('Needed with VECTOR_STORE=chroma.'),
  QDRANT_URL: httpUrl.optional().describe('Needed with VECTOR_STORE=qdrant.'),
  QDRANT_API_KEY: z.string().min(1).optional(),
}
