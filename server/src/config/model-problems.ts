import type { Environment } from './schema.ts'

/** What a provider needs before anybody can ask it. */
const NEEDS = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  gemini: 'GEMINI_API_KEY',
  'openai-compatible': 'OPENAI_COMPATIBLE_BASE_URL',
} as const

/** Why models and vectors cannot be used as configured: every reason, by variable. */
export function modelProblems(env: Environment, refused: ReadonlySet<unknown>): string[] {
  const missing = (name: keyof Environment) => env[name] === undefined && !refused.has(name)
  const needed = (name: keyof Environment, why: string) =>
    missing(name) ? [`${name}: required when ${why}`] : []
  const provider = env.DEFAULT_LLM_PROVIDER
  const [embedder = ''] = env.EMBEDDING_MODEL.split(':')
  return [
    ...(provider === 'demo' ? [] : needed(NEEDS[provider], `DEFAULT_LLM_PROVIDER is ${provider}`)),
    ...(embedder === 'anthropic'
      ? ['EMBEDDING_MODEL: Anthropic makes no vectors; choose another provider']
      : isNeedy(embedder)
        ? needed(NEEDS[embedder], `EMBEDDING_MODEL is of ${embedder}`)
        : []),
    ...(env.VECTOR_STORE === 'chroma' ? needed('CHROMA_URL', 'VECTOR_STORE is chroma') : []),
    ...(env.VECTOR_STORE === 'qdrant' ? needed('QDRANT_URL', 'VECTOR_STORE is qdrant') : []),
    ...BASE_URLS.filter((name) => hasMore(env[name])).map(
      (name) => `${name}: must be an address without user name, password, ? and #`,
    ),
  ]
}

const BASE_URLS = [
  'OPENAI_BASE_URL',
  'ANTHROPIC_BASE_URL',
  'GEMINI_BASE_URL',
  'OPENAI_COMPATIBLE_BASE_URL',
] as const

function isNeedy(provider: string): provider is keyof typeof NEEDS {
  return Object.hasOwn(NEEDS, provider)
}

/** Parts that paths are not put behind, or that would send a second password. */
function hasMore(url: string | undefined): boolean {
  if (url === undefined) return false
  const { username, password, search, hash } = new URL(url)
  return [username, password, search, hash].some((part) => part !== '')
}
