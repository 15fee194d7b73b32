import type { SystemRole } from './policy.ts'
import type { Scope } from './scopes.ts'

/** What users can have subscribed to, least first. */
export const subscriptionTiers = ['free', 'premium'] as const
/** What a user has subscribed to. */
export type SubscriptionTier = (typeof subscriptionTiers)[number]

/** What a user gets of the product beside what their role allows; feature flags go by it. */
export interface Plan {
  readonly betaTester: boolean
  readonly subscriptionTier: SubscriptionTier
}

/** Who acts: a user through one credential, or a job of theirs. Services receive it; they never see a request. */
export interface Actor {
  readonly userId: string
  readonly email: string
  readonly role: SystemRole
  readonly plan: Plan
  readonly via: { readonly kind: 'session' | 'apiKey' | 'job'; readonly id: string }
  /** What the credential allows; `all` for sessions and for jobs, which do what their code says. */
  readonly scopes: 'all' | ReadonlySet<Scope>
  /** When the password was last proven, for calls that need a fresh proof. */
  readonly authenticatedAt: Date
  /** Why a super admin steps over membership on this call; every such call is audited. */
  readonly bypass?: string
}

/** What a caller presented. */
export interface Credentials {
  /** The text after `Bearer ` (access token or API key). */
  readonly bearer: string | undefined
}

/** Called before a credential that anybody could have made up is looked up; may throw to refuse that. */
export type BeforeLookup = () => Promise<void>

/** Turns credentials into an actor. Supplied by the accounts module. */
export interface Authenticator {
  /** The actor, or null when the credential is missing, malformed, expired, revoked or its user is locked out. */
  authenticate(credentials: Credentials, beforeLookup?: BeforeLookup): Promise<Actor | null>
  /** Whether what `actor` was authenticated with still holds, with no lower role; used by long-lived streams. */
  stillValid(actor: Actor): Promise<boolean>
}

/** How an actor is written in logs and audit rows: `session:<id>`, `apiKey:<id>` or `job:<id>`. */
export function actorVia(actor: Actor | null): string {
  return actor === null ? 'anonymous' : `${actor.via.kind}:${actor.via.id}`
}
