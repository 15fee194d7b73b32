import type { Config } from '../../config/index.ts'
import type { Authenticator } from '../../contract/actor.ts'
import type { Cache } from '../../platform/cache/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Db } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import { createAttemptLimiter } from '../../platform/limits/index.ts'
import type { Logger } from '../../platform/logger.ts'
import type { MailTemplates } from '../../platform/mail/index.ts'
import type { PasswordHasher } from '../../platform/passwords/index.ts'
import type { Secrets } from '../../platform/secrets/index.ts'
import { createAccessTokens, createMacTokens } from '../../platform/tokens/index.ts'
import { EmailInput } from './accounts.schema.ts'
import { createApiKeysRouter } from './api-keys/api-keys.router.ts'
import { createApiKeysService } from './api-keys/api-keys.service.ts'
import { createAuthRouter } from './auth/auth.router.ts'
import { createLoginService } from './auth/login.service.ts'
import { createLoginGuard } from './auth/login-guard.ts'
import { createPasswordChangeService } from './auth/password-change.service.ts'
import { createRefreshService } from './auth/refresh.service.ts'
import { createRegistrationService } from './auth/registration.service.ts'
import { createSessionTokens } from './auth/session-tokens.ts'
import { createSessionsService } from './auth/sessions.service.ts'
import { createVerificationService } from './auth/verification.service.ts'
import { createActorCache } from './authenticator/actor-cache.ts'
import { createAuthenticator } from './authenticator/authenticator.ts'
import { createDelegations, type Delegations } from './authenticator/delegation.ts'
import { createJobOwnerLoader, type LoadJobOwner } from './authenticator/job-owner.ts'
import { createLastUse } from './authenticator/last-use.ts'
import { ensureFirstSuperuser } from './first-superuser.ts'
import { accountMailTemplates } from './mails/templates.ts'
import { createPasswordService } from './passwords/password-service.ts'
import { createUserRightsService, type ReleaseProjects } from './users/user-rights.service.ts'
import { findUser, findUserByEmail, type UserRow } from './users/users.repository.ts'
import { createUsersRouter } from './users/users.router.ts'
import { createUsersService } from './users/users.service.ts'

/** What {@link createAccounts} needs. */
interface AccountsDeps {
  readonly config: Config
  readonly database: Database
  readonly bus: Bus
  readonly cache: Cache
  readonly clock: Clock
  readonly secrets: Secrets
  readonly logger: Logger
  readonly passwords: PasswordHasher
  /** Of the projects module, which knows accounts and so cannot be known by them. */
  readonly releaseProjects: ReleaseProjects
  /** What the ways of reaching language models are called. */
  readonly providerNames: () => readonly string[]
}

/** A user as other modules get to see it. */
interface KnownUser {
  readonly id: string
  readonly email: string
  readonly fullName: string
}

/** The accounts module, built. */
export interface Accounts {
  readonly authenticator: Authenticator
  readonly routers: {
    readonly auth: ReturnType<typeof createAuthRouter>
    readonly users: ReturnType<typeof createUsersRouter>
    readonly apiKeys: ReturnType<typeof createApiKeysRouter>
  }
  readonly mailTemplates: MailTemplates
  /** The live user with this address, however it is spelled, or null. */
  findUserByEmail(db: Db, email: string): Promise<KnownUser | null>
  readonly loadJobOwner: LoadJobOwner
  /** For work that goes on after the call that began it. */
  readonly delegations: Delegations
  /** The live user with this id, or null. */
  findUser(db: Db, id: string): Promise<KnownUser | null>
  /** See `first-superuser.ts`. */
  ensureFirstSuperuser(): Promise<void>
  /** Lets go of the bus and finishes notes of last use. */
  close(): Promise<void>
}

/** Mails that one address can be made to get in an hour, of each kind. */
const MAILS = { name: 'account-mail', attempts: 3, seconds: 3_600 } as const

/** Builds the module. Does no I/O. */
export function createAccounts(deps: AccountsDeps): Accounts {
  const { config, database, bus, cache, clock, secrets, logger, passwords: hasher, releaseProjects } = deps
  const { providerNames } = deps
  const passwords = createPasswordService(hasher)
  const guard = createLoginGuard(database)
  const mailThrottle = createAttemptLimiter(database, MAILS)
  const verifyTokens = createMacTokens(secrets, 'verify-email', '')
  const resetTokens = createMacTokens(secrets, 'reset-password', '')
  const accessTokens = createAccessTokens({
    secrets,
    clock,
    lifetimeMinutes: config.accessTokenMinutes,
    issuer: config.publicUrl,
  })
  const { refreshTokenDays } = config
  const refreshTokens = createMacTokens(secrets, 'refresh-token', 'prt_')
  const tokens = createSessionTokens({ accessTokens, refreshTokens, refreshTokenDays })
  const actors = createActorCache(bus)
  const lastUse = createLastUse({ database, clock, logger })

  return {
    authenticator: createAuthenticator({ database, clock, accessTokens, cache: actors, lastUse }),
    routers: {
      auth: createAuthRouter({
        registration: createRegistrationService({ config, clock, passwords, tokens, mailThrottle }),
        login: createLoginService({ config, database, clock, hasher, guard, tokens }),
        refresh: createRefreshService({ config, clock, tokens }),
        sessions: createSessionsService({ database, clock, tokens, refreshTokenDays }),
        passwordChange: createPasswordChangeService({
          config,
          database,
          clock,
          hasher,
          passwords,
          guard,
          resetTokens,
          mailThrottle,
        }),
        verification: createVerificationService({ clock, verifyTokens, mailThrottle }),
      }),
      users: createUsersRouter(
        createUsersService({ database, cache, providerNames }),
        createUserRightsService({ clock, releaseProjects }),
      ),
      apiKeys: createApiKeysRouter(createApiKeysService({ database, clock })),
    },
    mailTemplates: accountMailTemplates(config, { verify: verifyTokens, reset: resetTokens }),
    async findUserByEmail(db, email) {
      const canonical = EmailInput.safeParse(email)
      return known(canonical.success ? await findUserByEmail(db, canonical.data) : null)
    },
    loadJobOwner: createJobOwnerLoader(database, actors),
    delegations: createDelegations(database, clock),
    findUser: async (db, id) => known(await findUser(db, id)),
    ensureFirstSuperuser: () => ensureFirstSuperuser({ config, database, clock, logger, hasher }),
    async close() {
      actors.close()
      await lastUse.close()
    },
  }
}

function known(user: UserRow | null): KnownUser | null {
  return user === null ? null : { id: user.id, email: user.email, fullName: user.fullName }
}
