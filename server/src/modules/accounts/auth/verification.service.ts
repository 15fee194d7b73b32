import type { z } from 'zod'
import { failBecause } from '../../../contract/errors.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { AttemptLimiter } from '../../../platform/limits/index.ts'
import type { MacTokens } from '../../../platform/tokens/index.ts'
import { queueMail } from '../mails/account-mails.ts'
import { findUserByEmail, markVerified } from '../users/users.repository.ts'
import { consumeAccountToken, insertAccountToken } from './account-tokens.repository.ts'
import { atLeast } from './at-least.ts'
import type { AuthResendVerificationInput, AuthVerifyEmailInput } from './auth.schema.ts'

const VERIFY_MS = 86_400_000
const ANSWER_MS = 150

/** Proving that an address is one's own. */
export interface VerificationService {
  /** @throws BAD_REQUEST (TOKEN_INVALID) */
  verify(call: {
    readonly input: z.output<typeof AuthVerifyEmailInput>
    readonly unit: UnitOfWork<{ ok: true }>
  }): Promise<{ ok: true }>
  /** Mails a link, if the address has an account that needs one; answers the same if not. */
  resend(call: {
    readonly input: z.output<typeof AuthResendVerificationInput>
    readonly unit: UnitOfWork<{ ok: true }>
  }): Promise<{ ok: true }>
}

/** Builds the service. */
export function createVerificationService(deps: {
  readonly clock: Clock
  readonly verifyTokens: MacTokens
  readonly mailThrottle: AttemptLimiter
}): VerificationService {
  const { clock, verifyTokens, mailThrottle } = deps

  const mailLink = async (change: Change, email: string): Promise<void> => {
    const user = await findUserByEmail(change.db, email)
    if (user === null || user.emailVerifiedAt !== null || user.suspendedAt !== null) return
    const now = clock.now()
    const expiresAt = new Date(now.getTime() + VERIFY_MS)
    const { id: userId, fullName } = user
    const link = await insertAccountToken(change.db, {
      userId,
      email,
      now,
      expiresAt,
      purpose: 'verify_email',
    })
    change.audit({ targetType: 'user', targetId: userId })
    queueMail(change, email, 'verify-email', { fullName, tokenId: link.id })
  }

  return {
    async verify({ input, unit }) {
      const link = verifyTokens.read(input.token)
      if (link === null) throw failBecause('TOKEN_INVALID')
      const now = clock.now()
      return await unit.commit(async (change) => {
        const userId = await consumeAccountToken(change.db, link.id, 'verify_email', now)
        if (userId === null) throw failBecause('TOKEN_INVALID')
        await markVerified(change.db, userId, now)
        change.audit({ targetType: 'user', targetId: userId })
        return { ok: true }
      })
    },
    async resend({ input, unit }) {
      const mayMail = (await mailThrottle.take(`verify ${input.email}`)).allowed
      return await atLeast(ANSWER_MS, () =>
        unit.commit(async (change) => {
          if (mayMail) await mailLink(change, input.email)
          return { ok: true }
        }),
      )
    },
  }
}
