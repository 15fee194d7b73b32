import path from 'node:path'
import type { LlmOptions } from '../platform/llm/llm-options.ts'
import type { OutboundOptions } from '../platform/outbound/index.ts'
import type { StorageOptions } from '../platform/storage/index.ts'
import type { TelemetryOptions } from '../platform/telemetry/index.ts'
import type { VectorOptions } from '../platform/vectors/vector-options.ts'
import { derivedSettings } from './derived-settings.ts'
import { developmentSecret } from './development-secret.ts'
import { parseEnvironment } from './parse-environment.ts'
import type { Environment } from './schema.ts'

/** The server's settings, parsed once; nothing else reads the environment. */
export interface Config {
  readonly environment: 'development' | 'test' | 'production'
  readonly appName: string
  readonly port: number
  readonly host: string
  /** How users reach the server; no trailing slash. */
  readonly publicUrl: string
  readonly role: 'all' | 'api' | 'worker'
  readonly dataDirectory: string
  readonly seed: boolean
  readonly databaseUrl: string | undefined
  readonly databasePoolSize: number
  readonly databasePoolWaitMs: number
  readonly databasePoolWaiting: number
  readonly databaseStatementTimeoutMs: number
  readonly redisUrl: string | undefined
  readonly limitsStore: 'memory' | 'postgres' | 'redis'
  readonly jwtSecret: string
  readonly previousJwtSecrets: readonly string[]
  readonly accessTokenMinutes: number
  readonly refreshTokenDays: number
  readonly sessionDays: number
  readonly bcryptCost: number
  readonly passwordQueueSize: number
  readonly registrationRequiresVerification: boolean
  readonly firstSuperuser: { readonly email: string; readonly password: string } | undefined
  readonly corsOrigins: readonly string[]
  readonly allowedHosts: readonly string[] | undefined
  readonly trustedProxies: readonly string[]
  readonly maxBodyBytes: number
  readonly maxConnections: number
  readonly maxRunningCalls: number
  readonly maxLoopDelayMs: number
  readonly maxStreams: number
  readonly maxStreamsPerUser: number
  readonly maxStreamsPerAddress: number
  readonly streamMaxAgeSeconds: number
  readonly drainDelayMs: number
  readonly drainTimeoutMs: number
  readonly logLevel: Environment['LOG_LEVEL']
  readonly logFormat: 'json' | 'pretty'
  readonly smtpUrl: string | undefined
  readonly mailFrom: string
  readonly docsAccess: 'public' | 'admin' | 'off'
  /** Who may look at the mails sent: nobody, whoever is at this machine, or everybody. */
  readonly devMailPage: 'off' | 'here' | 'everywhere'
  readonly storage: StorageOptions
  readonly maxFileBytes: number
  readonly storageQuota: { readonly bytes: number; readonly files: number }
  readonly maxUploads: number
  readonly maxDownloads: number
  readonly uploadTimeoutMs: number
  readonly telemetry: TelemetryOptions
  readonly llm: LlmOptions
  readonly outbound: OutboundOptions
  readonly vectors: VectorOptions
}

/** Every problem of the environment at once, each with the variable's name and never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['The configuration is not usable:', ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.problems = problems
  }
}

/**
 * Reads `.env` (when there is one), the environment, which wins over it, and `overrides`, which win over both.
 * @throws ConfigError
 */
export function loadConfig(
  environment: Record<string, string | undefined> = fromProcess(),
  overrides: Record<string, string> = {},
): Config {
  const { readable, problems } = parseEnvironment({ ...environment, ...overrides })
  if (problems.length > 0) throw new ConfigError(problems)
  return toConfig(readable)
}

function fromProcess(): Record<string, string | undefined> {
  try {
    process.loadEnvFile()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  return process.env
}

function toConfig(env: Environment): Config {
  const derived = derivedSettings(env)
  const dataDirectory = path.resolve(env.PLINTH_DATA)
  const { FIRST_SUPERUSER_EMAIL: email, FIRST_SUPERUSER_PASSWORD: password } = env
  return {
    environment: env.NODE_ENV,
    appName: env.APP_NAME,
    port: env.PORT,
    host: env.HOST,
    publicUrl: derived.PUBLIC_URL,
    role: env.PLINTH_ROLE,
    dataDirectory,
    seed: derived.PLINTH_SEED,
    databaseUrl: env.DATABASE_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    databasePoolWaitMs: env.DATABASE_POOL_WAIT_MS,
    databasePoolWaiting: env.DATABASE_POOL_WAITING,
    databaseStatementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
    redisUrl: env.REDIS_URL,
    limitsStore: derived.LIMITS_STORE,
    jwtSecret: env.JWT_SECRET ?? developmentSecret(dataDirectory),
    previousJwtSecrets: env.JWT_SECRET_PREVIOUS ?? [],
    accessTokenMinutes: env.ACCESS_TOKEN_MINUTES,
    refreshTokenDays: env.REFRESH_TOKEN_DAYS,
    sessionDays: env.SESSION_DAYS,
    bcryptCost: env.BCRYPT_COST,
    passwordQueueSize: env.PASSWORD_QUEUE_SIZE,
    registrationRequiresVerification: env.REGISTRATION_REQUIRES_VERIFICATION,
    firstSuperuser: email === undefined || password === undefined ? undefined : { email, password },
    corsOrigins: env.CORS_ORIGINS,
    allowedHosts: env.ALLOWED_HOSTS,
    trustedProxies: env.TRUSTED_PROXIES,
    maxBodyBytes: env.MAX_BODY_BYTES,
    maxConnections: env.MAX_CONNECTIONS,
    maxRunningCalls: env.MAX_RUNNING_CALLS,
    maxLoopDelayMs: env.MAX_LOOP_DELAY_MS,
    maxStreams: env.MAX_STREAMS,
    maxStreamsPerUser: env.MAX_STREAMS_PER_USER,
    maxStreamsPerAddress: env.MAX_STREAMS_PER_ADDRESS,
    streamMaxAgeSeconds: env.STREAM_MAX_AGE_SECONDS,
    drainDelayMs: derived.DRAIN_DELAY_MS,
    drainTimeoutMs: env.DRAIN_TIMEOUT_MS,
    logLevel: env.LOG_LEVEL,
    logFormat: derived.LOG_FORMAT,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    docsAccess: env.DOCS_ACCESS ?? (env.NODE_ENV === 'production' ? 'off' : 'public'),
    devMailPage: devMailPageOf(env),
    storage: storageOf(env, derived.STORAGE_DIRECTORY),
    maxFileBytes: env.STORAGE_MAX_FILE_BYTES,
    storageQuota: { bytes: env.STORAGE_QUOTA_BYTES, files: env.STORAGE_QUOTA_FILES },
    maxUploads: env.MAX_UPLOADS,
    maxDownloads: env.MAX_DOWNLOADS,
    uploadTimeoutMs: env.UPLOAD_TIMEOUT_MS,
    telemetry: telemetryOf(env),
    llm: llmOf(env),
    outbound: outboundOf(env),
    vectors: {
      store: env.VECTOR_STORE,
      chromaUrl: env.CHROMA_URL,
      qdrantUrl: env.QDRANT_URL,
      qdrantApiKey: env.QDRANT_API_KEY,
    },
  }
}

function llmOf(env: Environment): LlmOptions {
  const compatible = env.OPENAI_COMPATIBLE_BASE_URL
  return {
    openai: { baseUrl: env.OPENAI_BASE_URL, apiKey: env.OPENAI_API_KEY },
    anthropic: { baseUrl: env.ANTHROPIC_BASE_URL, apiKey: env.ANTHROPIC_API_KEY },
    gemini: { baseUrl: env.GEMINI_BASE_URL, apiKey: env.GEMINI_API_KEY },
    openaiCompatible:
      compatible === undefined
        ? undefined
        : {
            baseUrl: compatible,
            apiKey: env.OPENAI_COMPATIBLE_API_KEY,
            models: env.OPENAI_COMPATIBLE_MODELS,
          },
    defaultProvider: env.DEFAULT_LLM_PROVIDER,
    defaultModel: env.DEFAULT_LLM_MODEL,
    embeddingModel: env.EMBEDDING_MODEL,
    firstTokenTimeoutMs: env.LLM_FIRST_TOKEN_TIMEOUT_MS,
    idleTimeoutMs: env.LLM_IDLE_TIMEOUT_MS,
    totalTimeoutMs: env.LLM_TOTAL_TIMEOUT_MS,
    maxOutputTokens: env.LLM_MAX_OUTPUT_TOKENS,
    maxCalls: env.LLM_MAX_CALLS,
    breakerFailures: env.LLM_BREAKER_FAILURES,
    breakerOpenMs: env.LLM_BREAKER_OPEN_MS,
    userTokensPerDay: env.USER_TOKENS_PER_DAY,
  }
}

/** Only language models are reached so far, so their times hold. */
function outboundOf(env: Environment): OutboundOptions {
  return {
    httpsOnly: env.NODE_ENV === 'production',
    privateHosts: env.OUTBOUND_PRIVATE_HOSTS,
    connectTimeoutMs: Math.min(5_000, env.LLM_FIRST_TOKEN_TIMEOUT_MS),
    headersTimeoutMs: env.LLM_FIRST_TOKEN_TIMEOUT_MS,
    idleTimeoutMs: env.LLM_IDLE_TIMEOUT_MS,
  }
}

function telemetryOf(env: Environment): TelemetryOptions {
  return {
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, ''),
    otlpHeaders: env.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    otlpTimeoutMs: env.OTEL_EXPORTER_OTLP_TIMEOUT,
    serviceName: env.OTEL_SERVICE_NAME,
    resourceAttributes: env.OTEL_RESOURCE_ATTRIBUTES ?? {},
    sampler: env.OTEL_TRACES_SAMPLER,
    samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
    traceDelayMs: env.OTEL_BSP_SCHEDULE_DELAY,
    sendsMetrics: env.OTEL_METRICS_EXPORTER === 'otlp',
    metricIntervalMs: env.OTEL_METRIC_EXPORT_INTERVAL,
    metricsToken: env.METRICS_TOKEN,
  }
}

function storageOf(env: Environment, directory: string): StorageOptions {
  const { STORAGE_S3_BUCKET: bucket, STORAGE_S3_ACCESS_KEY_ID: accessKeyId } = env
  const { STORAGE_S3_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (bucket === undefined) return { directory, s3: undefined }
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey }
  return {
    directory,
    s3: { bucket, endpoint: env.STORAGE_S3_ENDPOINT, region: env.STORAGE_S3_REGION, credentials },
  }
}

function devMailPageOf(env: Environment): Config['devMailPage'] {
  if (env.DEV_MAIL_PAGE !== undefined) return env.DEV_MAIL_PAGE ? 'everywhere' : 'off'
  return env.NODE_ENV === 'development' && env.SMTP_URL === undefined ? 'here' : 'off'
}
