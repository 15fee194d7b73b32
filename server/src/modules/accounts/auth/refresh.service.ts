import type { z } from 'zod'
import type { Config } from '../../../config/index.ts'
import { fail } from '../../../contract/errors.ts'
import { type Change, CommitThenFail } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import { announceActor } from '../actors-topic.ts'
import type { AuthRefreshInput, AuthRefreshOutput } from './auth.schema.ts'
import type { AnonymousCall } from './registration.service.ts'
import type { SessionRef, SessionTokens } from './session-tokens.ts'
import {
  findLiveSession,
  findSessionOwner,
  type RotatedSession,
  revokeSessions,
  rotateSession,
} from './sessions.repository.ts'

const DAY_MS = 86_400_000
/** A client that lost the answer, or asked twice at once, gets the same successor again for so long. */
const GRACE_MS = 10_000

/** Renewing tokens. */
export interface RefreshService {
  /**
   * Exchanges a refresh token for its successor and a new access token. A token that was exchanged before ends the
   * whole session: either its owner or a thief holds a copy, and nobody can tell which (RFC 9700, §4.14.2).
   * @throws UNAUTHORIZED
   */
  refresh(
    call: AnonymousCall<z.output<typeof AuthRefreshInput>, z.input<typeof AuthRefreshOutput>>,
  ): Promise<z.input<typeof AuthRefreshOutput>>
}

/** Builds the service. */
export function createRefreshService(deps: {
  readonly config: Pick<Config, 'refreshTokenDays'>
  readonly clock: Clock
  readonly tokens: SessionTokens
}): RefreshService {
  const { config, clock, tokens } = deps

  const exchange = async (change: Change, presented: SessionRef, now: Date): Promise<RotatedSession> => {
    const { id } = presented
    const idleSince = new Date(now.getTime() - config.refreshTokenDays * DAY_MS)
    const rotated = await rotateSession(change.db, { ...presented, now, idleSince })
    if (rotated !== null) return audited(change, id, rotated)
    const session = await findLiveSession(change.db, id, now)
    if (session === null || presented.generation >= session.generation) throw fail('UNAUTHORIZED')
    const isLast = presented.generation === session.generation - 1
    if (isLast && now.getTime() - session.rotatedAt.getTime() <= GRACE_MS) return audited(change, id, session)
    await endFamily(change, id, now)
    throw new CommitThenFail(fail('UNAUTHORIZED'))
  }

  return {
    async refresh({ input, context, unit }) {
      const text = input.refreshToken ?? context.cookies?.refreshToken
      const presented = text === undefined ? null : tokens.read(text)
      if (presented === null) throw fail('UNAUTHORIZED')
      const now = clock.now()
      const jar = input.refreshToken === undefined ? context.cookies : undefined
      return await unit.commit(async (change) => {
        const { user, generation } = await exchange(change, presented, now)
        return await tokens.grant(change, user, { id: presented.id, generation }, jar)
      })
    },
  }
}

function audited<T extends RotatedSession>(change: Change, id: string, session: T): T {
  change.audit({ targetType: 'session', targetId: id })
  return session
}

async function endFamily(change: Change, id: string, now: Date): Promise<void> {
  const userId = await findSessionOwner(change.db, id)
  if (userId === null) return
  await revokeSessions(change.db, { userId, id }, 'reuse', now)
  change.audit({ action: 'auth.refreshReuse', targetType: 'session', targetId: id })
  announceActor(change, userId)
}
