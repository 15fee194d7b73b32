import { z } from 'zod'
import { SAMPLERS } from '../platform/telemetry/index.ts'
import { modelSettings } from './model-settings.ts'
import { integer, list, url } from './setting-types.ts'

/** `1`/`true`/`yes`/`on` or `0`/`false`/`no`/`off`. */
const flag = z.stringbool()
/** What Express's `trust proxy` takes: an address, a network, or one of its names for local ones. */
const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.enum(['loopback', 'linklocal', 'uniquelocal'])],
  'give addresses or networks such as 10.0.0.0/8',
)
/** `key=value` pairs, comma-separated and percent-encoded, as OpenTelemetry writes headers and resource attributes. */
const pairs = list.transform((items, check) => {
  const entries = items.map((item) => {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(item) ?? []
    return key === undefined || value === undefined
      ? undefined
      : ([key.trim(), decoded(value.trim())] as const)
  })
  if (entries.includes(undefined)) {
    check.addIssue({ code: 'custom', message: 'give key=value pairs, comma-separated' })
  }
  return Object.fromEntries(entries.filter((entry) => entry !== undefined))
})
const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'give origins such as https://app.example.com',
  )

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Every setting of the server, by its environment variable: what it is, how it is written, its default. The one place
 * where a variable is declared; `.env.example` is printed from here.
 */
export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe(
      'production asks for JWT_SECRET and refuses weak settings. What leaves the server is the same in all.',
    ),
  APP_NAME: z.string().min(1).max(60).default('Plinth').describe('Shown in mails and logs.'),
  PORT: integer(0, 65_535).default(4_000).describe('0 takes any free port.'),
  HOST: z.string().default('127.0.0.1').describe('The address to listen on; 0.0.0.0 for all.'),
  PUBLIC_URL: url(/^https?:\/\//, 'give an http(s) address')
    .optional()
    .describe(
      'How users reach this server; links in mails start with it. Required in production; else http://localhost and the port.',
    ),
  PLINTH_ROLE: z.enum(['all', 'api', 'worker']).default('all').describe('What this process does.'),
  PLINTH_DATA: z
    .string()
    .min(1)
    .default('.plinth')
    .describe('Folder for the embedded database, mails and the development secret.'),
  PLINTH_SEED: flag
    .optional()
    .describe('Put a small demo into an empty database. Default: only in development.'),
  DATABASE_URL: url(/^postgres(ql)?:\/\//, 'give a postgresql:// address')
    .optional()
    .describe('PostgreSQL 15 or newer. Without it: an embedded database under PLINTH_DATA.'),
  DATABASE_POOL_SIZE: integer(1, 500).default(10).describe('Connections of this process.'),
  DATABASE_POOL_WAIT_MS: integer(50, 60_000)
    .default(2_000)
    .describe('How long a call waits for a connection before it answers 503.'),
  DATABASE_POOL_WAITING: integer(1, 100_000)
    .default(200)
    .describe('How many may wait for a connection before new calls answer 503 at once.'),
  DATABASE_STATEMENT_TIMEOUT_MS: integer(100, 600_000)
    .default(5_000)
    .describe('The longest a statement may run.'),
  REDIS_URL: url(/^rediss?:\/\//, 'give a redis:// or rediss:// address')
    .optional()
    .describe('Shares the cache and the counts of calls between processes. Without it: in memory.'),
  LIMITS_STORE: z
    .enum(['memory', 'postgres', 'redis'])
    .optional()
    .describe(
      'Where calls are counted. Default: redis with REDIS_URL, else memory, where each process counts for itself.',
    ),
  JWT_SECRET: z
    .string()
    .min(32, 'give at least 32 characters, for example from: openssl rand -base64 48')
    .optional()
    .describe(
      'Signs tokens and seals stored answers. Required in production; made and kept under PLINTH_DATA otherwise.',
    ),
  JWT_SECRET_PREVIOUS: list
    .optional()
    .describe('Secrets that JWT_SECRET replaced, comma-separated; still accepted.'),
  ACCESS_TOKEN_MINUTES: integer(1, 60).default(30).describe('Life of an access token.'),
  REFRESH_TOKEN_DAYS: integer(1, 30).default(7).describe('A session ends after so many days without use.'),
  SESSION_DAYS: integer(1, 365).default(30).describe('A session ends after so many days whatever its use.'),
  BCRYPT_COST: integer(4, 16).default(12).describe('Each step doubles the work of hashing a password.'),
  PASSWORD_QUEUE_SIZE: integer(1, 10_000)
    .default(64)
    .describe('Log-ins that may wait for hashing before new ones get 503.'),
  REGISTRATION_REQUIRES_VERIFICATION: flag
    .default(false)
    .describe('No session before the e-mail address is verified.'),
  FIRST_SUPERUSER_EMAIL: z.email().optional().describe('Made at start when there is no such account.'),
  FIRST_SUPERUSER_PASSWORD: z.string().min(12, 'give at least 12 characters').optional(),
  CORS_ORIGINS: list
    .pipe(z.array(origin))
    .default([])
    .describe('Origins of browser applications, comma-separated.'),
  ALLOWED_HOSTS: list.optional().describe('Host headers that are answered, comma-separated. Default: all.'),
  TRUSTED_PROXIES: list
    .pipe(z.array(network))
    .default([])
    .describe('Addresses or networks whose X-Forwarded-For is believed, comma-separated.'),
  PRIVATE_HOSTS: list
    .pipe(z.array(z.string().toLowerCase()))
    .default([])
    .describe(
      'Names on a private network that a server in production may be connected to without TLS, comma-separated. Private addresses and names without a dot always are.',
    ),
  OUTBOUND_PRIVATE_HOSTS: list
    .pipe(z.array(z.string().toLowerCase()))
    .default([])
    .describe(
      'Names and addresses that users may give for models of their own although they are not on the public internet (localhost), comma-separated.',
    ),
  MAX_BODY_BYTES: integer(1_024, 16_777_216).default(1_048_576).describe('Larger requests are refused.'),
  MAX_CONNECTIONS: integer(10, 100_000).default(10_000).describe('Open connections of this process.'),
  MAX_RUNNING_CALLS: integer(1, 100_000)
    .default(512)
    .describe('Calls worked on at once by this process; more answer 503 at once.'),
  MAX_LOOP_DELAY_MS: integer(10, 60_000)
    .default(150)
    .describe('New calls answer 503 while the event loop is this late.'),
  MAX_STREAMS: integer(1, 100_000).default(2_000).describe('Open subscriptions of this process.'),
  MAX_STREAMS_PER_USER: integer(1, 1_000).default(5),
  MAX_STREAMS_PER_ADDRESS: integer(1, 10_000).default(50),
  STREAM_MAX_AGE_SECONDS: integer(1, 86_400)
    .default(1_800)
    .describe('A subscription is ended after about so long; clients come back and go on where they were.'),
  DRAIN_DELAY_MS: integer(0, 60_000)
    .optional()
    .describe('How long the server goes on accepting after SIGTERM. Default: 5000 in production, else 0.'),
  DRAIN_TIMEOUT_MS: integer(0, 60_000)
    .default(15_000)
    .describe('How long running calls and jobs may take to finish then; jobs 15 s at most.'),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).optional().describe('Default: pretty in development, else json.'),
  SMTP_URL: url(/^smtps?:\/\//, 'give an smtp:// or smtps:// address')
    .optional()
    .describe('Where mail goes. Without it: files under PLINTH_DATA/mail.'),
  MAIL_FROM: z
    .string()
    .min(3)
    .max(200)
    .default('Plinth <no-reply@localhost>')
    .describe('The sender of mails.'),
  DOCS_ACCESS: z
    .enum(['public', 'admin', 'off'])
    .optional()
    .describe(
      'Who may read the description of the API at /docs, /openapi.json and /llms.txt. Default: public, and off in production.',
    ),
  DEV_MAIL_PAGE: flag
    .optional()
    .describe(
      'Shows the mails sent at /dev/mails, to whoever asks; refused in production. Default: in development without SMTP_URL, to this machine only.',
    ),
  STORAGE_DIRECTORY: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for files; all processes must share it. Default: PLINTH_DATA/storage.'),
  STORAGE_S3_BUCKET: z
    .string()
    .min(3)
    .max(63)
    .optional()
    .describe('Keeps files in this bucket; STORAGE_DIRECTORY then holds only what is just coming in.'),
  STORAGE_S3_ENDPOINT: url(/^https?:\/\//, 'give an http(s) address')
    .optional()
    .describe('A server that speaks S3. Default: AWS.'),
  STORAGE_S3_REGION: z.string().min(1).max(60).default('us-east-1'),
  STORAGE_S3_ACCESS_KEY_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Default: where the AWS SDK looks (instance role, shared files).'),
  STORAGE_S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  STORAGE_MAX_FILE_BYTES: integer(1, 5_000_000_000)
    .default(26_214_400)
    .describe('Larger uploads are refused; a procedure may allow less.'),
  STORAGE_QUOTA_BYTES: integer(0, 1_000_000_000_000_000)
    .default(1_073_741_824)
    .describe('What one user may keep, in all.'),
  STORAGE_QUOTA_FILES: integer(0, 10_000_000).default(10_000).describe('How many files one user may keep.'),
  MAX_UPLOADS: integer(1, 10_000).default(100).describe('Uploads this process takes at once.'),
  MAX_DOWNLOADS: integer(1, 10_000).default(500).describe('Files this process sends at once.'),
  UPLOAD_TIMEOUT_MS: integer(1_000, 86_400_000)
    .default(600_000)
    .describe('The longest an upload may take; one on which nothing comes for 20 s ends sooner.'),
  ...modelSettings,
  METRICS_TOKEN: z
    .string()
    .optional()
    .describe('The bearer token that opens /metrics for Prometheus. Without it there is no such page.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(/^https?:\/\//, 'give an http(s) address')
    .optional()
    .describe('A collector (OTLP over HTTP, usually port 4318). Without it no traces and metrics are sent.'),
  OTEL_EXPORTER_OTLP_HEADERS: pairs
    .optional()
    .describe('Headers for the collector, for example its key: name=value, comma-separated.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: integer(100, 60_000)
    .default(10_000)
    .describe('Milliseconds the collector may take to answer.'),
  OTEL_SERVICE_NAME: z.string().min(1).max(100).default('plinth').describe('How traces name this server.'),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional().describe('More about this server: name=value, comma-separated.'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS)
    .default('parentbased_always_on')
    .describe('Which traces are kept; the names are those of OpenTelemetry.'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'give a number between 0 and 1')
    .default('1')
    .transform(Number)
    .describe('The part of all traces that a sampler with "ratio" in its name keeps.'),
  OTEL_BSP_SCHEDULE_DELAY: integer(10, 60_000)
    .default(5_000)
    .describe('Milliseconds a span waits to be sent together with others.'),
  OTEL_METRICS_EXPORTER: z
    .enum(['otlp', 'none'])
    .default('otlp')
    .describe('none keeps metrics from a collector that takes only traces, as Jaeger does.'),
  OTEL_METRIC_EXPORT_INTERVAL: integer(100, 3_600_000)
    .default(60_000)
    .describe('Milliseconds between two sendings of metrics.'),
})

/** The environment after parsing. */
export type Environment = z.output<typeof environmentSchema>
