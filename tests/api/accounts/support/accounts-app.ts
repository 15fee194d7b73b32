import {
  type ContractRuntime,
  type CookieJar,
  createCallContext,
} from '../../../../server/src/contract/call-context.ts'
import { createCredentialWatch } from '../../../../server/src/contract/credential-watch.ts'
import { limits } from '../../../../server/src/contract/limits.ts'
import { router } from '../../../../server/src/contract/procedure.ts'
import { createStreamSlots } from '../../../../server/src/contract/stream-slots.ts'
import { createAccounts } from '../../../../server/src/modules/accounts/index.ts'
import { createProjects, releaseProjectsOf } from '../../../../server/src/modules/projects/index.ts'
import { createCache } from '../../../../server/src/platform/cache/index.ts'
import type { Clock } from '../../../../server/src/platform/clock.ts'
import type { Database } from '../../../../server/src/platform/database/index.ts'
import { createBus } from '../../../../server/src/platform/events/bus.ts'
import { createCallLimiter } from '../../../../server/src/platform/limits/index.ts'
import { createLogger } from '../../../../server/src/platform/logger.ts'
import { createMailer, type OutgoingMail } from '../../../../server/src/platform/mail/index.ts'
import { createPasswordHasher, type PasswordHasher } from '../../../../server/src/platform/passwords/index.ts'
import { newTraceId, type RequestContext } from '../../../../server/src/platform/request-context.ts'
import { createSecrets } from '../../../../server/src/platform/secrets/index.ts'
import { testConfig } from '../../../support/config.ts'
import { createTestDatabase, databaseKind } from '../../../support/database.ts'
import { movingClock } from '../../../support/moving-clock.ts'
import { noUploads } from '../../../support/no-uploads.ts'

/** Who calls, beside the procedure's input. */
export interface Caller {
  readonly bearer?: string | undefined
  readonly ip?: string | undefined
  readonly cookies?: CookieJar | undefined
  /** Counts the round trips of the call, when it runs in this context. */
  readonly request?: RequestContext
}

/** One process of the accounts and projects modules, called as a surface would. */
export async function startAccounts(
  database: Database,
  clock: Clock,
  variables: Record<string, string> = {},
  change: (hasher: PasswordHasher) => PasswordHasher = (hasher) => hasher,
) {
  const config = testConfig(variables)
  const logger = createLogger({ level: 'silent', format: 'json' })
  const bus = createBus(database)
  const secrets = createSecrets(config.jwtSecret, config.previousJwtSecrets)
  const passwords = createPasswordHasher({
    secrets,
    cost: config.bcryptCost,
    queueSize: config.passwordQueueSize,
  })
  const accounts = createAccounts({
    config,
    database,
    bus,
    cache: createCache({ database, bus, prefix: 'test' }),
    clock,
    secrets,
    logger,
    passwords: change(passwords),
    releaseProjects: releaseProjectsOf,
    providerNames: () => ['demo'],
  })
  const projects = createProjects({ database, clock, findUserByEmail: accounts.findUserByEmail })
  const mails: OutgoingMail[] = []
  const mailer = createMailer({
    config,
    database,
    clock,
    logger,
    templates: accounts.mailTemplates,
    transport: { send: async (mail) => void mails.push(mail), close: () => undefined },
  })
  const runtime: ContractRuntime = {
    authenticator: accounts.authenticator,
    limiter: createCallLimiter(limits),
    credentialWatch: createCredentialWatch(accounts.authenticator),
    streamSlots: createStreamSlots({ perUser: 5, perAddress: 50, perProcess: 100 }),
    database,
    bus,
    jobs: { enqueue: async () => undefined },
    uploads: noUploads,
    secrets,
    clock,
    logger,
  }
  await bus.start()
  const app = router({ ...accounts.routers, projects: projects.router })
  let callers = 0
  return {
    accounts,
    passwords,
    mails,
    runtime,
    /** Sends what waits, as the job of each mail would. */
    async flush() {
      const waiting = await database.prisma.mailMessage.findMany({
        where: { sentAt: null, failedAt: null },
        orderBy: { id: 'asc' },
      })
      const { signal } = new AbortController()
      for (const { id } of waiting) await mailer.deliver(id, { number: 1, last: false, signal })
    },
    /** The procedures, called by `caller`; an address of its own unless told. */
    as(caller: Caller = {}) {
      callers += 1
      const context = createCallContext({
        runtime,
        request: caller.request ?? {
          traceId: newTraceId(),
          surface: 'trpc',
          ip: caller.ip ?? `10.${callers >> 16}.${(callers >> 8) & 255}.${callers & 255}`,
          userAgent: 'test',
          roundTrips: 0,
        },
        credentials: { bearer: caller.bearer },
        cookies: caller.cookies,
      })
      return app.createCaller(context)
    },
    async close() {
      mailer.close()
      await accounts.close()
      await passwords.close()
      await bus.close()
    },
  }
}

/** One process of the accounts module. */
export type AccountsProcess = Awaited<ReturnType<typeof startAccounts>>

/** A database with one or two processes of the accounts module on it. An embedded database has only ever one. */
export async function startWorld(variables: Record<string, string> = {}, processes = 1) {
  const { database, drop } = await createTestDatabase(databaseKind())
  const clock = movingClock()
  const all = await Promise.all(
    Array.from({ length: database.kind === 'embedded' ? 1 : processes }, () =>
      startAccounts(database, clock, variables),
    ),
  )
  const [first] = all
  if (first === undefined) throw new Error('Start at least one process')
  return {
    database,
    clock,
    first,
    second: all[1] ?? first,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((one) => one.close()))
      await drop()
    },
  }
}

/** An address nobody has used. */
export function freshEmail(): string {
  return `someone-${newTraceId()}@example.test`
}

/** Long enough and on no list. */
export const PASSWORD = 'teal otter climbs nine stairs'

/** The secret in the newest mail to `email` made from `template`. */
export async function linkTo(
  { flush, mails }: AccountsProcess,
  email: string,
  template: string,
): Promise<string> {
  await flush()
  const mail = mails.findLast((one) => one.to === email && one.template === template)
  return /http:\/\/plinth\.test\/[a-z-]+#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? 'no link'
}
