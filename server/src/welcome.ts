import type { SeededDemo } from '../../prisma/seed/demo.ts'
import type { Config } from './config/index.ts'
import type { Database } from './platform/database/index.ts'

/** What a person who typed `npm start` wants to see. */
export interface Welcome {
  readonly config: Config
  readonly database: Database
  readonly port: number | undefined
  /** The demo that was just put into an empty database; its password is shown here and nowhere else. */
  readonly demo: SeededDemo | null
  readonly startedInMs: number
}

/** Prints the addresses in development; elsewhere the log has them. */
export function welcome({ config, database, port, demo, startedInMs }: Welcome): void {
  const seconds = (startedInMs / 1_000).toFixed(1)
  const where = database.kind === 'embedded' ? `embedded, in ${config.dataDirectory}` : 'PostgreSQL'
  const base = `http://${config.host === '0.0.0.0' || config.host === '127.0.0.1' ? 'localhost' : config.host}:${port}`
  const addresses = port === undefined ? [] : addressesOf(config, base)
  const mail = config.smtpUrl === undefined ? `files in ${config.dataDirectory}/mail` : 'SMTP'
  const lines = [
    '',
    `  ${config.appName} is ready after ${seconds} s (${config.role}, ${config.environment})`,
    '',
    ...addresses,
    `  database  ${where}`,
    `  mail      ${mail}`,
    ...(demo === null
      ? []
      : [`  demo      ${demo.emails.join(', ')}`, `            password ${demo.password} (shown only now)`]),
    '',
    '  Ctrl-C stops it; the data stays.',
    '',
  ]
  if (config.logFormat === 'pretty') process.stdout.write(`${lines.join('\n')}\n`)
}

function addressesOf(config: Config, base: string): string[] {
  return [
    `  tRPC      ${base}/trpc`,
    `  REST      ${base}/api/v1`,
    `  MCP       ${base}/mcp`,
    ...(config.docsAccess === 'off' ? [] : [`  docs      ${base}/docs`]),
    `  health    ${base}/api/health`,
    ...(config.devMailPage === 'off' ? [] : [`  mails     ${base}/dev/mails`]),
  ]
}
