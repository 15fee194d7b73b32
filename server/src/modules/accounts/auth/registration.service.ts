import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Config } from '../../../config/index.ts'
import type { CallContext } from '../../../contract/call-context.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import { newIds } from '../../../platform/ids.ts'
import type { AttemptLimiter } from '../../../platform/limits/index.ts'
import { queueMail } from '../mails/account-mails.ts'
import { refuseWeakPassword } from '../passwords/password-rules.ts'
import type { PasswordService } from '../passwords/password-service.ts'
import { presentUser } from '../users/users.presenter.ts'
import { findUserByEmail, insertUser, type UserRow } from '../users/users.repository.ts'
import { insertAccountToken } from './account-tokens.repository.ts'
import type { AuthRegisterInput, AuthRegisterOutput } from './auth.schema.ts'
import { requestedJar, type SessionRef, type SessionTokens } from './session-tokens.ts'
import { findLiveSession, insertSession } from './sessions.repository.ts'

const DAY_MS = 86_400_000
const VERIFY_MS = DAY_MS

/** A call of somebody who may not be logged in. */
export interface AnonymousCall<Input, Answer> {
  readonly input: Input
  readonly context: Pick<CallContext, 'cookies' | 'request'>
  readonly unit: UnitOfWork<Answer>
  readonly signal: AbortSignal | undefined
}

/** Making accounts. */
export interface RegistrationService {
  /**
   * Makes an account and logs it in. For an address that has an account the answer looks the same and is worth
   * nothing, and the owner is told by mail.
   * @throws BAD_REQUEST (PASSWORD_REFUSED), SERVICE_UNAVAILABLE (OVERLOADED)
   */
  register(
    call: AnonymousCall<z.output<typeof AuthRegisterInput>, z.input<typeof AuthRegisterOutput>>,
  ): Promise<z.input<typeof AuthRegisterOutput>>
}

/** Builds the service. */
export function createRegistrationService(deps: {
  readonly config: Pick<Config, 'appName' | 'sessionDays' | 'registrationRequiresVerification'>
  readonly clock: Clock
  readonly passwords: PasswordService
  readonly tokens: SessionTokens
  readonly mailThrottle: AttemptLimiter
}): RegistrationService {
  const { config, clock, passwords, tokens, mailThrottle } = deps
  return {
    async register({ input, context, unit, signal }) {
      const { email, fullName, password } = input
      refuseWeakPassword('password', password, { appName: config.appName, email, fullName })
      const passwordHash = await passwords.hash(password, signal)
      const mayMail = (await mailThrottle.take(`register ${email}`)).allowed
      const now = clock.now()
      const decoy = decoyFor(email, fullName, now)
      const answer = async (change: Change, user: UserRow, session: SessionRef) => ({
        user: presentUser(user),
        ...(await tokens.grant(change, user, session, requestedJar(context.cookies))),
      })
      return await unit.commit(async (change) => {
        const user = await insertUser(change.db, { email, fullName, passwordHash, passwordChangedAt: now })
        if (user === null) {
          await tellOwner(change, email, mayMail)
          // As many round trips as a new account takes, which would otherwise tell by the time.
          if (!config.registrationRequiresVerification) {
            await findLiveSession(change.db, decoy.session.id, now)
          }
          return await answer(change, decoy.user, decoy.session)
        }
        await welcome(change, user, now)
        if (config.registrationRequiresVerification) return await answer(change, user, decoy.session)
        const expiresAt = new Date(now.getTime() + config.sessionDays * DAY_MS)
        const session = await insertSession(change.db, {
          userId: user.id,
          now,
          expiresAt,
          request: context.request,
        })
        return await answer(change, user, session)
      })
    },
  }
}

/** What a stranger gets for an address that is taken: of the same shape, and naming nothing that exists. */
function decoyFor(email: string, fullName: string, now: Date): { user: UserRow; session: SessionRef } {
  const [userId = randomUUID(), sessionId = randomUUID()] = newIds(2, now)
  return {
    user: {
      id: userId,
      email,
      fullName,
      role: 'user',
      preferredProvider: null,
      betaTester: false,
      subscriptionTier: 'free',
      emailVerifiedAt: null,
      suspendedAt: null,
      createdAt: now,
      updatedAt: now,
    },
    session: { id: sessionId, generation: 1 },
  }
}

async function welcome(change: Change, user: UserRow, now: Date): Promise<void> {
  const { id: userId, email, fullName } = user
  const expiresAt = new Date(now.getTime() + VERIFY_MS)
  const link = await insertAccountToken(change.db, { userId, email, now, expiresAt, purpose: 'verify_email' })
  change.audit({ targetType: 'user', targetId: userId })
  queueMail(change, email, 'welcome', { fullName, tokenId: link.id })
}

async function tellOwner(change: Change, email: string, mayMail: boolean): Promise<void> {
  const owner = await findUserByEmail(change.db, email)
  if (owner === null) return
  change.audit({ action: 'auth.registerAgain', targetType: 'user', targetId: owner.id })
  if (mayMail) queueMail(change, email, 'registration-attempt', { fullName: owner.fullName })
}
