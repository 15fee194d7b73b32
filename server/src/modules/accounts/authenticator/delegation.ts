import { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { scopes } from '../../../contract/scopes.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type Database, type Db, query } from '../../../platform/database/index.ts'
import type { LoadedActor } from './actor-loader.ts'

/** That work goes on for a user after their call: who, and through which credential it was begun. Kept as a row's JSON. */
export const Delegation = z.object({
  userId: z.uuid(),
  via: z.object({ kind: z.enum(['session', 'apiKey', 'job']), id: z.uuid() }),
  scopes: z.union([z.literal('all'), z.array(z.enum(scopes))]),
  /** ISO 8601; when the password was changed last before the work began. */
  passwordChangedAt: z.iso.datetime(),
})
export type Delegation = z.infer<typeof Delegation>

/** Work that goes on for a user: never with more rights than the credential that began it, and not after it was ended. */
export interface Delegations {
  /** What `actor` passes on. Part of the transaction `db`. */
  begin(db: Db, actor: Actor): Promise<Delegation>
  /**
   * The user acting through the job `jobId`, with the role they have now and the scopes the credential has had since.
   * Null when they were suspended or deleted, changed their password, or ended the credential: revoked the key or the
   * session, or logged out everywhere. Logging out of the one session, and its age, end nothing: people start work and
   * close the browser.
   */
  actorOf(delegation: Delegation, jobId: string): Promise<Actor | null>
}

type Row = Omit<LoadedActor, 'expiresAt' | 'lastUsedAt'>

const ACTOR = `
  SELECT u.id, u.id AS "userId", u.email, u.role::text AS role, u.beta_tester AS "betaTester",
    u.subscription_tier::text AS "subscriptionTier", to_timestamp(0) AS "authenticatedAt", k.scopes
  FROM users u
  LEFT JOIN api_keys k ON $2::text = 'apiKey' AND k.id = $3::uuid AND k.user_id = u.id
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $5::timestamptz)
  LEFT JOIN sessions s ON $2::text = 'session' AND s.id = $3::uuid AND s.user_id = u.id
    AND (s.revoked_at IS NULL OR s.revoked_reason = 'logout')
  WHERE u.id = $1::uuid AND u.suspended_at IS NULL AND u.deleted_at IS NULL AND u.password_changed_at = $4::timestamptz
    AND CASE $2::text WHEN 'apiKey' THEN k.id IS NOT NULL WHEN 'session' THEN s.id IS NOT NULL ELSE true END`

/** Builds {@link Delegations}: one round trip each time, so that nothing of it can be out of date. */
export function createDelegations(database: Database, clock: Clock): Delegations {
  return {
    async begin(db, { userId, via, scopes: allowed }) {
      const { passwordChangedAt } = await db.user.findUniqueOrThrow({
        where: { id: userId },
        select: { passwordChangedAt: true },
      })
      return {
        userId,
        via,
        scopes: allowed === 'all' ? 'all' : [...allowed],
        passwordChangedAt: passwordChangedAt.toISOString(),
      }
    },
    async actorOf({ userId, via, scopes: passedOn, passwordChangedAt }, jobId) {
      const values = [userId, via.kind, via.id, new Date(passwordChangedAt), clock.now()]
      const [row] = await query<Row>(database, { name: 'accounts.delegate', text: ACTOR, values })
      if (row === undefined) return null
      const { email, role, betaTester, subscriptionTier, authenticatedAt } = row
      const current = row.scopes
      const kept =
        passedOn === 'all' ? 'all' : new Set(passedOn.filter((one) => current?.includes(one) ?? true))
      return {
        userId,
        email,
        role,
        plan: { betaTester, subscriptionTier },
        authenticatedAt,
        via: { kind: 'job', id: jobId },
        scopes: kept,
      }
    },
  }
}
