import { weaknessOf } from '../platform/passwords/weakness.ts'
import { modelProblems } from './model-problems.ts'
import { isLoopback, isPrivate } from './private-host.ts'
import type { Environment } from './schema.ts'
import { isShippedPassword, weakness } from './secret-strength.ts'

const MAKE_ONE = 'make one with: openssl rand -base64 48'

/**
 * Why a configuration whose variables can each be read must still not start: every reason, by variable, without its
 * value. `refused` are variables that could not be read and are told of already.
 */
export function problemsOf(env: Environment, refused: ReadonlySet<unknown>): string[] {
  return [
    ...weakSecrets(env, refused),
    ...halfGiven(env, refused),
    ...modelProblems(env, refused),
    ...(env.LIMITS_STORE === 'redis' && env.REDIS_URL === undefined && !refused.has('REDIS_URL')
      ? ['REDIS_URL: required when LIMITS_STORE is redis']
      : []),
    ...(env.NODE_ENV === 'production'
      ? [...notForProduction(env, refused), ...inTheClear(env), ...shippedPasswords(env)]
      : []),
  ]
}

function weakSecrets(env: Environment, refused: ReadonlySet<unknown>): string[] {
  const problems: string[] = []
  if (env.NODE_ENV === 'production' && env.JWT_SECRET === undefined && !refused.has('JWT_SECRET')) {
    problems.push(`JWT_SECRET: required in production; ${MAKE_ONE}`)
  }
  const secrets = [
    ...(env.JWT_SECRET === undefined ? [] : [['JWT_SECRET', env.JWT_SECRET]]),
    ...(env.METRICS_TOKEN === undefined ? [] : [['METRICS_TOKEN', env.METRICS_TOKEN]]),
    ...(env.JWT_SECRET_PREVIOUS ?? []).map((secret) => ['JWT_SECRET_PREVIOUS', secret]),
  ]
  for (const [name, secret = ''] of secrets) {
    const weak = weakness(secret)
    if (weak !== undefined) problems.push(`${name}: ${weak}; ${MAKE_ONE}`)
  }
  return problems
}

const PAIRS = [
  ['FIRST_SUPERUSER_EMAIL', 'FIRST_SUPERUSER_PASSWORD'],
  ['STORAGE_S3_ACCESS_KEY_ID', 'STORAGE_S3_SECRET_ACCESS_KEY'],
] as const

function halfGiven(env: Environment, refused: ReadonlySet<unknown>): string[] {
  return PAIRS.filter(
    ([one, other]) =>
      (env[one] === undefined) !== (env[other] === undefined) && !refused.has(one) && !refused.has(other),
  ).map((pair) => `${pair.join(', ')}: give both or neither`)
}

function notForProduction(env: Environment, refused: ReadonlySet<unknown>): string[] {
  const problems: string[] = []
  if (env.PUBLIC_URL === undefined && !refused.has('PUBLIC_URL')) {
    problems.push(
      'PUBLIC_URL: required in production; links in mails start with it, and with https:// cookies stay off http://',
    )
  }
  if (env.PUBLIC_URL?.startsWith('http://') && !isLoopback(env.PUBLIC_URL)) {
    problems.push('PUBLIC_URL: must start with https:// in production')
  }
  if (env.CORS_ORIGINS.some((origin) => origin.startsWith('http://') && !isLoopback(origin))) {
    problems.push(
      'CORS_ORIGINS: must start with https:// in production; on the way, anybody can speak for a page that came by http://',
    )
  }
  if (env.TRUSTED_PROXIES.some((network) => network.endsWith('/0'))) {
    problems.push(
      'TRUSTED_PROXIES: names every address there is, so that anybody could pretend to be at any; name your proxies',
    )
  }
  if (env.BCRYPT_COST < 10) problems.push('BCRYPT_COST: must be at least 10 in production')
  if (env.PLINTH_SEED === true) problems.push('PLINTH_SEED: the demo is not for production')
  if (env.DEV_MAIL_PAGE === true) {
    problems.push('DEV_MAIL_PAGE: not for production; it shows links that let anybody into accounts')
  }
  const { FIRST_SUPERUSER_PASSWORD: password, FIRST_SUPERUSER_EMAIL: email = '' } = env
  const weak =
    password === undefined ? undefined : weaknessOf(password, { appName: env.APP_NAME, email, fullName: '' })
  if (weak !== undefined) problems.push(`FIRST_SUPERUSER_PASSWORD: choose another password: ${weak}`)
  return problems
}

/** A connection to another server. */
interface Connection {
  readonly name:
    | 'DATABASE_URL'
    | 'REDIS_URL'
    | 'SMTP_URL'
    | 'STORAGE_S3_ENDPOINT'
    | 'OTEL_EXPORTER_OTLP_ENDPOINT'
    | 'OPENAI_BASE_URL'
    | 'ANTHROPIC_BASE_URL'
    | 'GEMINI_BASE_URL'
    | 'OPENAI_COMPATIBLE_BASE_URL'
    | 'CHROMA_URL'
    | 'QDRANT_URL'
  readonly isSafe: (url: URL, env: Environment) => boolean
  /** How to make it so. */
  readonly how: string
}

const isHttps = ({ protocol }: URL): boolean => protocol === 'https:'

const CONNECTIONS: readonly Connection[] = [
  { name: 'DATABASE_URL', isSafe: hasDatabaseTls, how: 'add sslmode=verify-full' },
  { name: 'REDIS_URL', isSafe: ({ protocol }) => protocol === 'rediss:', how: 'start it with rediss://' },
  { name: 'SMTP_URL', isSafe: hasMailTls, how: 'start it with smtps:// or add requireTLS=true' },
  { name: 'STORAGE_S3_ENDPOINT', isSafe: isHttps, how: 'start it with https://' },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    isSafe: (url, env) => isHttps(url) || env.OTEL_EXPORTER_OTLP_HEADERS === undefined,
    how: 'start it with https://',
  },
  // What people ask goes there, whether or not a key goes with it.
  ...(
    [
      'OPENAI_BASE_URL',
      'ANTHROPIC_BASE_URL',
      'GEMINI_BASE_URL',
      'OPENAI_COMPATIBLE_BASE_URL',
      'CHROMA_URL',
      'QDRANT_URL',
    ] as const
  ).map((name) => ({ name, isSafe: isHttps, how: 'start it with https://' })),
]

/** Connections that carry passwords and people’s data over a network that is not evidently private, without TLS. */
function inTheClear(env: Environment): string[] {
  return CONNECTIONS.filter(({ name, isSafe }) => {
    const url = env[name]
    return url !== undefined && !isPrivate(url, env.PRIVATE_HOSTS) && !isSafe(new URL(url), env)
  }).map(
    ({ name, how }) =>
      `${name}: would go over the network in the clear; ${how}, or name the host in PRIVATE_HOSTS`,
  )
}

function hasDatabaseTls({ searchParams }: URL): boolean {
  const mode = searchParams.get('sslmode')
  return mode === null
    ? ['true', '1'].includes(searchParams.get('ssl') ?? '')
    : mode !== 'disable' && mode !== 'allow'
}

/** Without a password there is only the mail itself, which goes in the clear between mail servers anyway. */
function hasMailTls(url: URL): boolean {
  return url.protocol === 'smtps:' || url.password === '' || url.searchParams.get('requireTLS') === 'true'
}

function shippedPasswords(env: Environment): string[] {
  const { DATABASE_URL, REDIS_URL, SMTP_URL, STORAGE_S3_SECRET_ACCESS_KEY: s3Secret } = env
  const byUrl = Object.entries({ DATABASE_URL, REDIS_URL, SMTP_URL })
    .filter(([, url]) => url !== undefined && !isLoopback(url) && isShippedPassword(passwordOf(url)))
    .map(([name]) => name)
  const all =
    s3Secret !== undefined && isShippedPassword(s3Secret) ? [...byUrl, 'STORAGE_S3_SECRET_ACCESS_KEY'] : byUrl
  return all.map((name) => `${name}: holds a password that everybody knows; give that server another one`)
}

function passwordOf(url: string): string {
  const { password } = new URL(url)
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}
