import { DIMENSION } from '../../../platform/llm/local-embedder/text-vector.ts'
import type { PerMillion } from '../money.ts'
import { UNKNOWN_CONTEXT_TOKENS } from './catalogue-model.ts'

/** A model that a version of the server knows of. Without a price it is not enabled until an admin gives it one. */
export interface ShippedModel {
  readonly id: string
  readonly provider: string
  readonly name: string
  readonly title: string
  readonly kind: 'chat' | 'embedding'
  readonly contextTokens: number
  readonly maxOutputTokens: number | null
  readonly dimension: number | null
  readonly tools: boolean
  readonly price: PerMillion | null
}

const FREE: PerMillion = { inputPerMillion: '0', outputPerMillion: '0' }

/** A chat model that calls tools. */
function chat(
  id: `${string}:${string}`,
  title: string,
  [contextTokens, maxOutputTokens]: readonly [number, number | null],
  perMillion: readonly [string, string] | undefined,
): ShippedModel {
  const price =
    perMillion === undefined ? null : { inputPerMillion: perMillion[0], outputPerMillion: perMillion[1] }
  return {
    ...named(id),
    title,
    kind: 'chat',
    contextTokens,
    maxOutputTokens,
    dimension: null,
    tools: true,
    price,
  }
}

/** A model that makes vectors. */
function embedding(
  id: `${string}:${string}`,
  title: string,
  [contextTokens, dimension]: readonly [number, number],
  inputPerMillion: string,
): ShippedModel {
  const price = { inputPerMillion, outputPerMillion: '0' }
  return {
    ...named(id),
    title,
    kind: 'embedding',
    contextTokens,
    maxOutputTokens: null,
    dimension,
    tools: false,
    price,
  }
}

function named(id: string): Pick<ShippedModel, 'id' | 'provider' | 'name'> {
  const colon = id.indexOf(':')
  return { id, provider: id.slice(0, colon), name: id.slice(colon + 1) }
}

/** Up to this much input, OpenAI charges the price below; beyond, another one. */
const OPENAI_SHORT_CONTEXT = 272_000
/** The same of Gemini's larger models. */
const GEMINI_SHORT_CONTEXT = 200_000

/**
 * The models that come with this version, the default of each provider first. Windows are no larger than what the price
 * is for, where a provider charges more beyond. Prices are in US dollars per million tokens of input and output, without
 * discounts for cached input, which are not counted; looked up on 2026-11-21:
 * - OpenAI: developers.openai.com/api/docs/models (gpt-6.2-sol); the others second-hand, from lists of prices, and
 *   gpt-6.1-terra from one alone.
 * - Anthropic: platform.claude.com/docs/about-claude/models, the line-up of November 2026; claude-haiku-5-5 at the price
 *   for up to 100,000 tokens of input. The ids second-hand.
 * - Gemini: second-hand, a copy of ai.google.dev/gemini-api/docs/pricing of 2026-10-07. gemini-3.8-flash costs $0.75 and $3.75 until
 *   2026-12-31 and $1.50 and $7.50 from then on: it has no price here, so that an admin sets both with `models.setPrice`.
 */
const shipped: readonly ShippedModel[] = [
  chat('demo:answers', 'Demo: answers from your documents', [32_768, 4_096], ['0', '0']),
  embedding('demo:local', 'Demo: embeddings made on this machine', [8_192, DIMENSION], '0'),

  chat('openai:gpt-6.2-sol', 'GPT-6.2 Sol', [OPENAI_SHORT_CONTEXT, 128_000], ['2', '10']),
  chat('openai:gpt-6-luna', 'GPT-6 Luna', [OPENAI_SHORT_CONTEXT, null], ['0.1', '0.5']),
  chat('openai:gpt-6.1-terra', 'GPT-6.1 Terra', [OPENAI_SHORT_CONTEXT, null], ['1', '5']),
  chat('openai:gpt-6-astra', 'GPT-6 Astra', [OPENAI_SHORT_CONTEXT, null], ['10', '50']),
  chat('openai:gpt-4.1', 'GPT-4.1', [1_047_576, 32_768], ['2', '8']),
  chat('openai:gpt-4.1-mini', 'GPT-4.1 mini', [1_047_576, 32_768], ['0.4', '1.6']),
  embedding('openai:text-embedding-3-small', 'Text embedding 3 small', [8_191, 1_536], '0.02'),
  embedding('openai:text-embedding-3-large', 'Text embedding 3 large', [8_191, 3_072], '0.13'),

  chat('anthropic:claude-sonnet-5-5', 'Claude Sonnet 5.5', [1_000_000, 128_000], ['2', '10']),
  chat('anthropic:claude-haiku-5-5', 'Claude Haiku 5.5', [100_000, 128_000], ['0.1', '0.5']),
  chat('anthropic:claude-opus-5-5', 'Claude Opus 5.5', [1_000_000, 128_000], ['4', '20']),
  chat('anthropic:claude-fable-5-1', 'Claude Fable 5.1', [1_000_000, 128_000], ['10', '50']),

  chat('gemini:gemini-3.5-flash', 'Gemini 3.5 Flash', [1_048_576, 65_536], ['1.5', '9']),
  chat('gemini:gemini-3.8-flash', 'Gemini 3.8 Flash', [1_048_576, 65_536], undefined),
  chat(
    'gemini:gemini-3.1-pro-preview',
    'Gemini 3.1 Pro Preview',
    [GEMINI_SHORT_CONTEXT, 65_536],
    ['2', '12'],
  ),
  chat('gemini:gemini-2.5-flash', 'Gemini 2.5 Flash', [1_048_576, 65_536], ['0.3', '2.5']),
  chat('gemini:gemini-2.5-pro', 'Gemini 2.5 Pro', [GEMINI_SHORT_CONTEXT, 65_536], ['1.25', '10']),
  embedding('gemini:gemini-embedding-001', 'Gemini Embedding 001', [2_048, 3_072], '0.15'),
]

/** The models that come with this version, and those that the operator's own server has. */
export function modelList(compatible: readonly string[]): readonly ShippedModel[] {
  return [
    ...shipped,
    ...compatible.map(
      (name): ShippedModel => ({
        ...named(`openai-compatible:${name}`),
        title: name,
        kind: 'chat',
        contextTokens: UNKNOWN_CONTEXT_TOKENS,
        maxOutputTokens: null,
        dimension: null,
        tools: true,
        price: FREE,
      }),
    ),
  ]
}
