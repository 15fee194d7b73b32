import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { createApplication } from '../../../server/src/app.ts'
import { loadConfig } from '../../../server/src/config/index.ts'
import { type CallContext, createCallContext } from '../../../server/src/contract/call-context.ts'
import { openDatabase } from '../../../server/src/platform/database/index.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { newTraceId } from '../../../server/src/platform/request-context.ts'

const UNLIMITED = { allowed: true, limit: 1, remaining: 1, resetMs: 0 }

/** Calls of nobody in particular, in a server that was never started: without database, limits and log. */
export async function idleCallContext(): Promise<CallContext> {
  const config = loadConfig({
    NODE_ENV: 'test',
    JWT_SECRET: randomBytes(48).toString('base64'),
    PLINTH_DATA: tmpdir(),
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  })
  const logger = createLogger({ level: 'silent', format: 'json' })
  const database = await openDatabase({
    url: config.databaseUrl,
    dataDirectory: config.dataDirectory,
    poolSize: 1,
    poolWaitMs: 1,
    statementTimeoutMs: 1,
  })
  const { runtime } = createApplication(config, database, { logger })
  return createCallContext({
    runtime: { ...runtime, limiter: { take: async () => UNLIMITED, peek: async () => UNLIMITED } },
    request: { traceId: newTraceId(), surface: 'system', ip: undefined, userAgent: undefined, roundTrips: 0 },
  })
}
