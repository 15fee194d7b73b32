import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from './index.ts'

const SECRET = 'q7Rf2mXv9LkZ4tBw8HcN1sYp6JdG3aEu5TiO0xKb'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('every problem is reported at once, by variable and without the value', () => {
  const problems = problemsOf({
    PORT: 'abc',
    MAX_BODY_BYTES: '10mbb',
    LOG_LEVEL: 'loud',
    CORS_ORIGINS: 'example.com',
  })
  expect(problems.map((problem) => problem.split(/[.:]/)[0]).sort()).toEqual([
    'CORS_ORIGINS',
    'LOG_LEVEL',
    'MAX_BODY_BYTES',
    'PORT',
  ])
  expect(problems.join()).not.toContain('10mbb')
})

test.each([
  ['none', {}],
  ['a short one', { JWT_SECRET: 'abc' }],
  ['a known default', { JWT_SECRET: 'changeme-changeme-changeme-changeme-changeme' }],
  ['a repeated character', { JWT_SECRET: 'a'.repeat(64) }],
])('production refuses to start with %s as JWT_SECRET', (_case, variables) => {
  const problems = problemsOf({ NODE_ENV: 'production', PUBLIC_URL: 'https://api.example.com', ...variables })
  expect(problems.join()).toContain('JWT_SECRET')
})

test('production asks for https and a real cost', () => {
  const problems = problemsOf({
    NODE_ENV: 'production',
    JWT_SECRET: SECRET,
    PUBLIC_URL: 'http://api.example.com',
    BCRYPT_COST: '4',
  })
  expect(problems.join()).toMatch(/PUBLIC_URL.*BCRYPT_COST/)
})

test('in development a secret is made once, for its owner only', () => {
  const data = mkdtempSync(path.join(tmpdir(), 'plinth-config-'))
  const first = loadConfig({ PLINTH_DATA: data })
  expect(loadConfig({ PLINTH_DATA: data }).jwtSecret).toBe(first.jwtSecret)
  expect(first.jwtSecret.length).toBeGreaterThanOrEqual(64)
  expect(statSync(path.join(data, 'secret')).mode & 0o077).toBe(0)
})

test('an empty variable is one that is not set', () => {
  expect(loadConfig({ JWT_SECRET: SECRET, DATABASE_URL: '', PORT: '' })).toMatchObject({
    databaseUrl: undefined,
    port: 4_000,
  })
})

test('a variable that cannot be read does not hide what is wrong with the others', () => {
  const problems = problemsOf({ NODE_ENV: 'production', PORT: 'abc', JWT_SECRET: 'a'.repeat(64) })
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'JWT_SECRET', 'PUBLIC_URL'])
})

test.each([
  ['openai', 'OPENAI_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['gemini', 'GEMINI_API_KEY'],
  ['openai-compatible', 'OPENAI_COMPATIBLE_BASE_URL'],
])('%s as default provider needs %s', (provider, variable) => {
  const variables = { JWT_SECRET: SECRET, DEFAULT_LLM_PROVIDER: provider }
  expect(problemsOf(variables)).toEqual([`${variable}: required when DEFAULT_LLM_PROVIDER is ${provider}`])
  expect(problemsOf({ ...variables, [variable]: 'http://localhost:11434/v1' })).toEqual([])
})

test('what makes vectors, and where they are kept, must be there', () => {
  const problems = (variables: Record<string, string>) => problemsOf({ JWT_SECRET: SECRET, ...variables })
  expect(problems({ EMBEDDING_MODEL: 'openai:text-embedding-3-small' })).toEqual([
    'OPENAI_API_KEY: required when EMBEDDING_MODEL is of openai',
  ])
  expect(problems({ EMBEDDING_MODEL: 'anthropic:any', ANTHROPIC_API_KEY: 'x' })).toEqual([
    'EMBEDDING_MODEL: Anthropic makes no vectors; choose another provider',
  ])
  expect(problems({ VECTOR_STORE: 'chroma' })).toEqual(['CHROMA_URL: required when VECTOR_STORE is chroma'])
  expect(problems({ VECTOR_STORE: 'qdrant' })).toEqual(['QDRANT_URL: required when VECTOR_STORE is qdrant'])
})
