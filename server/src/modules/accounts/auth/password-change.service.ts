import type { z } from 'zod'
import type { Config } from '../../../config/index.ts'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause } from '../../../contract/errors.ts'
import type { Change } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { AttemptLimiter } from '../../../platform/limits/index.ts'
import type { PasswordHasher } from '../../../platform/passwords/index.ts'
import type { MacTokens } from '../../../platform/tokens/index.ts'
import { announceActor } from '../actors-topic.ts'
import { queueMail } from '../mails/account-mails.ts'
import { refuseWeakPassword } from '../passwords/password-rules.ts'
import type { PasswordService } from '../passwords/password-service.ts'
import { revokeAllKeys } from '../users/users.admin.repository.ts'
import { findCredentials, findUser, findUserByEmail, storePassword } from '../users/users.repository.ts'
import { consumeAccountToken, findLinkOwner, insertAccountToken } from './account-tokens.repository.ts'
import { atLeast } from './at-least.ts'
import type {
  AuthChangePasswordInput,
  AuthRequestPasswordResetInput,
  AuthResetPasswordInput,
} from './auth.schema.ts'
import type { LoginGuard } from './login-guard.ts'
import type { AnonymousCall } from './registration.service.ts'
import { renewProof, revokeSessions } from './sessions.repository.ts'

const RESET_MS = 30 * 60_000
const ANSWER_MS = 150

/** Setting another password. */
export interface PasswordChangeService {
  /**
   * Needs the current password; ends all other sessions and every API key, and tells the owner by mail.
   * @throws UNAUTHORIZED (INVALID_CREDENTIALS), BAD_REQUEST (PASSWORD_REFUSED), SERVICE_UNAVAILABLE (OVERLOADED)
   */
  change(
    call: AnonymousCall<z.output<typeof AuthChangePasswordInput>, { ok: true }> & { readonly actor: Actor },
  ): Promise<{ ok: true }>
  /** Mails a link, if the address has an account; answers the same if not. */
  requestReset(
    call: AnonymousCall<z.output<typeof AuthRequestPasswordResetInput>, { ok: true }>,
  ): Promise<{ ok: true }>
  /**
   * Needs the token of a mailed link; ends all sessions and API keys, and whatever lock guesses had caused.
   * @throws BAD_REQUEST (TOKEN_INVALID, PASSWORD_REFUSED), SERVICE_UNAVAILABLE (OVERLOADED)
   */
  reset(call: AnonymousCall<z.output<typeof AuthResetPasswordInput>, { ok: true }>): Promise<{ ok: true }>
}

/** Builds the service. */
export function createPasswordChangeService(deps: {
  readonly config: Pick<Config, 'appName'>
  readonly database: Database
  readonly clock: Clock
  readonly hasher: PasswordHasher
  readonly passwords: PasswordService
  readonly guard: LoginGuard
  readonly resetTokens: MacTokens
  readonly mailThrottle: AttemptLimiter
}): PasswordChangeService {
  const { config, database, clock, hasher, passwords, guard, resetTokens, mailThrottle } = deps
  const { appName } = config

  const mailLink = async (change: Change, email: string): Promise<void> => {
    const user = await findUserByEmail(change.db, email)
    if (user === null || user.suspendedAt !== null) return
    const now = clock.now()
    const expiresAt = new Date(now.getTime() + RESET_MS)
    const { id: userId, fullName } = user
    const link = await insertAccountToken(change.db, {
      userId,
      email,
      now,
      expiresAt,
      purpose: 'reset_password',
    })
    change.audit({ targetType: 'user', targetId: userId })
    queueMail(change, email, 'reset-password', { fullName, tokenId: link.id })
  }

  return {
    async change({ actor, input, context, unit, signal }) {
      const { currentPassword, newPassword } = input
      const { userId, email } = actor
      const user = await guard.attempt({ email, ip: context.request.ip }, async () => {
        const known = await findCredentials(database.prisma, email)
        const { matches } = await hasher.verify(currentPassword, known?.passwordHash ?? null, signal)
        return matches && known?.id === userId ? known : null
      })
      if (user === null) throw failBecause('INVALID_CREDENTIALS')
      refuseWeakPassword('newPassword', newPassword, { appName, email, fullName: user.fullName })
      const passwordHash = await passwords.hash(newPassword, signal)
      const now = clock.now()
      return await unit.commit(async (change) => {
        const { db } = change
        const expected = user.passwordHash
        if (!(await storePassword(db, { id: userId, passwordHash, now, expected })))
          throw fail('UNAUTHORIZED')
        await revokeSessions(db, { userId, exceptId: actor.via.id }, 'password', now)
        await revokeAllKeys(db, userId, now)
        await renewProof(db, actor.via.id, now)
        change.audit({ targetType: 'user', targetId: userId })
        queueMail(change, email, 'password-changed', { fullName: user.fullName })
        announceActor(change, userId)
        return { ok: true }
      })
    },
    async requestReset({ input, unit }) {
      const mayMail = (await mailThrottle.take(`reset ${input.email}`)).allowed
      return await atLeast(ANSWER_MS, () =>
        unit.commit(async (change) => {
          if (mayMail) await mailLink(change, input.email)
          return { ok: true }
        }),
      )
    },
    async reset({ input, unit, signal }) {
      const { token, password } = input
      const link = resetTokens.read(token)
      const owner =
        link === null ? null : await findLinkOwner(database.prisma, link.id, 'reset_password', clock.now())
      if (link === null || owner === null) throw failBecause('TOKEN_INVALID')
      refuseWeakPassword('password', password, { appName, email: owner.email, fullName: owner.fullName })
      const passwordHash = await passwords.hash(password, signal)
      const now = clock.now()
      const done = await unit.commit(async (change) => {
        const { db } = change
        const userId = await consumeAccountToken(db, link.id, 'reset_password', now)
        const user = userId === null ? null : await findUser(db, userId)
        if (user === null) throw failBecause('TOKEN_INVALID')
        await storePassword(db, { id: user.id, passwordHash, now, provesMailbox: true })
        await revokeSessions(db, { userId: user.id }, 'password', now)
        await revokeAllKeys(db, user.id, now)
        change.audit({ targetType: 'user', targetId: user.id })
        queueMail(change, user.email, 'password-changed', { fullName: user.fullName })
        announceActor(change, user.id)
        return { ok: true }
      })
      await guard.forgive(owner.email)
      return done
    },
  }
}
