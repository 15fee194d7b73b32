import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import type { CookieJar } from '../../../contract/call-context.ts'
import { fail } from '../../../contract/errors.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { announceActor } from '../actors-topic.ts'
import { readPage } from '../paging.ts'
import type { AuthSessionsListInput, AuthSessionsListOutput, AuthSessionsRevokeInput } from './auth.schema.ts'
import type { SessionTokens } from './session-tokens.ts'
import { countSessions, listSessions, type SessionRow } from './sessions.list.ts'
import { findSessionOwner, type RevokedReason, revokeSessions } from './sessions.repository.ts'

const DAY_MS = 86_400_000

/** Ending and listing sessions. */
export interface SessionsService {
  /** Ends the session of the access token, or else of the refresh cookie. Without either there is nothing to end. */
  logout(call: {
    readonly actor: Actor | null
    readonly cookies: CookieJar | undefined
    readonly unit: UnitOfWork<{ ok: true }>
  }): Promise<{ ok: true }>
  /** Ends all sessions of the caller, this one included. */
  logoutAll(call: { readonly actor: Actor; readonly unit: UnitOfWork<{ ok: true }> }): Promise<{ ok: true }>
  /** The caller's live sessions, newest first. */
  list(call: {
    readonly actor: Actor
    readonly input: z.output<typeof AuthSessionsListInput>
  }): Promise<z.input<typeof AuthSessionsListOutput>>
  /**
   * Ends one session of the caller.
   * @throws NOT_FOUND also for somebody else's
   */
  revoke(call: {
    readonly actor: Actor
    readonly input: z.output<typeof AuthSessionsRevokeInput>
    readonly unit: UnitOfWork<{ ok: true }>
  }): Promise<{ ok: true }>
}

/** Builds the service. */
export function createSessionsService(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly tokens: SessionTokens
  readonly refreshTokenDays: number
}): SessionsService {
  const { database, clock, tokens } = deps

  const end = async (change: Change, userId: string, id: string, reason: RevokedReason): Promise<number> => {
    const ended = await revokeSessions(change.db, { userId, id }, reason, clock.now())
    change.audit({ targetType: 'session', targetId: id })
    announceActor(change, userId)
    return ended
  }

  return {
    async logout({ actor, cookies, unit }) {
      const id = actor?.via.id ?? tokens.read(cookies?.refreshToken ?? '')?.id
      return await unit.commit(async (change) => {
        const userId = id === undefined ? null : (actor?.userId ?? (await findSessionOwner(change.db, id)))
        if (id !== undefined && userId !== null) await end(change, userId, id, 'logout')
        change.refreshCookie(null)
        return { ok: true }
      })
    },
    async logoutAll({ actor, unit }) {
      const { userId } = actor
      return await unit.commit(async (change) => {
        await revokeSessions(change.db, { userId }, 'logout_all', clock.now())
        change.audit({ targetType: 'user', targetId: userId })
        announceActor(change, userId)
        change.refreshCookie(null)
        return { ok: true }
      })
    },
    async list({ actor, input }) {
      const { userId } = actor
      const now = clock.now()
      const filter = { userId, now, idleSince: new Date(now.getTime() - deps.refreshTokenDays * DAY_MS) }
      return await readPage(input, {
        scope: { list: 'sessions', filters: { userId } },
        rows: (slice) => listSessions(database.prisma, filter, slice),
        count: () => countSessions(database.prisma, filter),
        present: (row) => presentSession(row, actor),
      })
    },
    async revoke({ actor, input, unit }) {
      return await unit.commit(async (change) => {
        if ((await end(change, actor.userId, input.id, 'revoked')) === 0) throw fail('NOT_FOUND')
        return { ok: true }
      })
    },
  }
}

function presentSession(row: SessionRow, actor: Actor) {
  const { id, userAgent, ip } = row
  return {
    id,
    userAgent,
    ip,
    current: actor.via.id === id,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.rotatedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }
}
