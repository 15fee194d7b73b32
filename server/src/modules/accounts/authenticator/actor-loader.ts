import type { SubscriptionTier } from '../../../contract/actor.ts'
import type { SystemRole } from '../../../contract/policy.ts'
import { type Database, query } from '../../../platform/database/index.ts'

/** What a credential stands for, as the database had it. Null fields have no end. */
export interface LoadedActor {
  /** The session's or key's id. */
  readonly id: string
  readonly userId: string
  readonly email: string
  readonly role: SystemRole
  readonly betaTester: boolean
  readonly subscriptionTier: SubscriptionTier
  readonly authenticatedAt: Date
  readonly expiresAt: Date | null
  readonly scopes: readonly string[] | null
  readonly lastUsedAt: Date | null
}

const LIVE = 'revoked_at IS NULL AND suspended_at IS NULL AND deleted_at IS NULL'

const USER = `u.id AS "userId", u.email, u.role::text AS role, u.beta_tester AS "betaTester",
    u.subscription_tier::text AS "subscriptionTier"`

const SESSION = `
  SELECT s.id, ${USER}, s.authenticated_at AS "authenticatedAt",
    s.expires_at AS "expiresAt", NULL AS scopes, NULL AS "lastUsedAt"
  FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.id = $1::uuid AND ${LIVE}`

// A key proves no password, so that nothing that asks for a fresh proof can be done with one.
const API_KEY = `
  SELECT k.id, ${USER}, to_timestamp(0) AS "authenticatedAt",
    k.expires_at AS "expiresAt", k.scopes, k.last_used_at AS "lastUsedAt"
  FROM api_keys k JOIN users u ON u.id = k.user_id
  WHERE k.key_hash = $1 AND ${LIVE}`

// Nor does a job of theirs.
const OWNER = `
  SELECT u.id, ${USER}, to_timestamp(0) AS "authenticatedAt",
    NULL AS "expiresAt", NULL AS scopes, NULL AS "lastUsedAt"
  FROM users u WHERE u.id = $1::uuid AND suspended_at IS NULL AND deleted_at IS NULL`

/** The session `id` with its user, if neither is over; expiry is for the caller to check. One round trip. */
export async function loadSession(database: Database, id: string): Promise<LoadedActor | null> {
  const rows = await query<LoadedActor>(database, { name: 'accounts.session', text: SESSION, values: [id] })
  return rows[0] ?? null
}

/** The API key with this hash and its user, if neither is over; expiry is for the caller to check. One round trip. */
export async function loadApiKey(database: Database, keyHash: string): Promise<LoadedActor | null> {
  const rows = await query<LoadedActor>(database, {
    name: 'accounts.apiKey',
    text: API_KEY,
    values: [keyHash],
  })
  return rows[0] ?? null
}

/** The user `id` without any credential, if they are not locked out. One round trip. */
export async function loadOwner(database: Database, id: string): Promise<LoadedActor | null> {
  const rows = await query<LoadedActor>(database, { name: 'accounts.owner', text: OWNER, values: [id] })
  return rows[0] ?? null
}
