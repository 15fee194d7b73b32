import type { z } from 'zod'
import type { Config } from '../../../config/index.ts'
import { failBecause } from '../../../contract/errors.ts'
import { CommitThenFail, type UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { WorkQueueFullError } from '../../../platform/limits/index.ts'
import type { PasswordHasher } from '../../../platform/passwords/index.ts'
import { presentUser } from '../users/users.presenter.ts'
import {
  type CredentialRow,
  findCredentials,
  findUserByEmail,
  lockIfStillProven,
  storeRehash,
} from '../users/users.repository.ts'
import type { AuthLoginInput, AuthLoginOutput } from './auth.schema.ts'
import type { LoginGuard } from './login-guard.ts'
import type { AnonymousCall } from './registration.service.ts'
import { requestedJar, type SessionTokens } from './session-tokens.ts'
import { insertSession } from './sessions.repository.ts'

const DAY_MS = 86_400_000

/** Logging in. */
export interface LoginService {
  /**
   * Begins a session.
   * @throws UNAUTHORIZED (INVALID_CREDENTIALS) whatever the reason: unknown, wrong, locked, suspended, not verified;
   * TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE (OVERLOADED)
   */
  login(
    call: AnonymousCall<z.output<typeof AuthLoginInput>, z.input<typeof AuthLoginOutput>>,
  ): Promise<z.input<typeof AuthLoginOutput>>
}

interface Proven {
  readonly user: CredentialRow
  /** A stronger hash of the same password, when the stored one is outdated and there was time to make it. */
  readonly rehash: string | undefined
}

/** Builds the service. */
export function createLoginService(deps: {
  readonly config: Pick<Config, 'sessionDays' | 'registrationRequiresVerification'>
  readonly database: Database
  readonly clock: Clock
  readonly hasher: PasswordHasher
  readonly guard: LoginGuard
  readonly tokens: SessionTokens
}): LoginService {
  const { config, database, clock, hasher, guard, tokens } = deps

  const prove = async (email: string, password: string, signal?: AbortSignal): Promise<Proven | null> => {
    const user = await findCredentials(database.prisma, email)
    const { matches, outdated } = await hasher.verify(password, user?.passwordHash ?? null, signal)
    if (user === null || !matches || !mayLogIn(user)) return null
    return { user, rehash: outdated ? await stronger(password, signal) : undefined }
  }

  /** The next log-in tries again where this one found no place in the queue. */
  const stronger = (password: string, signal?: AbortSignal): Promise<string | undefined> =>
    hasher.hash(password, signal).catch((error: unknown) => {
      if (error instanceof WorkQueueFullError) return undefined
      throw error
    })

  const mayLogIn = ({ suspendedAt, emailVerifiedAt }: CredentialRow): boolean =>
    suspendedAt === null && (emailVerifiedAt !== null || !config.registrationRequiresVerification)

  return {
    async login({ input, context, unit, signal }) {
      const { email, password } = input
      const proven = await guard.attempt({ email, ip: context.request.ip }, () =>
        prove(email, password, signal),
      )
      if (proven === null) throw await refusal(unit, email)
      const { user, rehash } = proven
      const now = clock.now()
      const expiresAt = new Date(now.getTime() + config.sessionDays * DAY_MS)
      return await unit.commit(async (change) => {
        if (!(await lockIfStillProven(change.db, user.id, user.passwordHash)))
          throw failBecause('INVALID_CREDENTIALS')
        if (rehash !== undefined) await storeRehash(change.db, user.id, rehash)
        change.audit({ targetType: 'user', targetId: user.id })
        const session = await insertSession(change.db, {
          userId: user.id,
          now,
          expiresAt,
          request: context.request,
        })
        return {
          user: presentUser(user),
          ...(await tokens.grant(change, user, session, requestedJar(context.cookies))),
        }
      })
    },
  }
}

/** Leaves an audit row and gives the one answer. Both are the same work whether or not there is such an account. */
async function refusal(unit: UnitOfWork<z.input<typeof AuthLoginOutput>>, email: string): Promise<Error> {
  const failure = failBecause('INVALID_CREDENTIALS')
  try {
    await unit.commit(async (change) => {
      const user = await findUserByEmail(change.db, email)
      change.audit({ action: 'auth.loginFailed', targetType: 'user', targetId: user?.id ?? 'unknown' })
      throw new CommitThenFail(failure)
    })
  } catch (error) {
    if (error !== failure) throw error
  }
  return failure
}
