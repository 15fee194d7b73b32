import type { MemberRole, Policy, SystemRole } from '../../server/src/contract/policy.ts'
import { memberRoles, roleAtLeast } from '../../server/src/contract/policy.ts'
import { scopes } from '../../server/src/contract/scopes.ts'

/** Everybody the access matrix tries, in the order of its columns. */
export const principalNames = [
  'anonymous',
  'stranger',
  'viewer',
  'editor',
  'owner',
  'staleOwner',
  'otherOwner',
  'admin',
  'superAdmin',
  'suspendedEditor',
  'removedMember',
  'revokedSession',
  'expiredToken',
  'narrowKey',
  'viewerKey',
] as const

/** One of {@link principalNames}. */
export type PrincipalName = (typeof principalNames)[number]

/** Somebody with what they present. */
export interface Principal {
  readonly name: PrincipalName
  readonly id: string
  readonly email: string
  readonly token: string | undefined
}

/** What a principal is, as far as policies ask. */
interface Traits {
  /** Their credential holds; without one they are anonymous. */
  readonly credential: 'none' | 'invalid' | 'session' | 'key'
  readonly system: SystemRole
  /** Their role in the project that inputs name. */
  readonly member?: MemberRole
  readonly scopes?: readonly string[]
  /** Minutes since their password was proven. */
  readonly proven?: number
}

const session = { credential: 'session', system: 'user' } as const

const traits: Record<PrincipalName, Traits> = {
  anonymous: { credential: 'none', system: 'user' },
  stranger: session,
  viewer: { ...session, member: 'viewer' },
  editor: { ...session, member: 'editor' },
  owner: { ...session, member: 'owner' },
  staleOwner: { ...session, member: 'owner', proven: 20 },
  otherOwner: session,
  admin: { ...session, system: 'admin' },
  superAdmin: { ...session, system: 'super_admin' },
  suspendedEditor: { credential: 'invalid', system: 'user' },
  removedMember: session,
  revokedSession: { credential: 'invalid', system: 'user' },
  expiredToken: { credential: 'invalid', system: 'user' },
  narrowKey: { credential: 'key', system: 'user', member: 'editor', scopes: ['tasks:read'] },
  viewerKey: { credential: 'key', system: 'user', member: 'viewer', scopes },
}

/** What a principal must be told when everything else about the call is right. */
export type Cell =
  | '200'
  | '401'
  | '403'
  | '403 REAUTH_REQUIRED'
  | '403 SCOPE_MISSING'
  | '403 SESSION_REQUIRED'
  | '404'

/**
 * What `policy` says to a principal whose call names the project of {@link Traits.member} and, where it names a user,
 * somebody else than themselves (`self`), or themselves where `own` is set.
 */
export function expectedCell(policy: Policy, name: PrincipalName, own = false): Cell {
  const who = traits[name]
  if (who.credential === 'none') return policy.access.who === 'public' ? '200' : '401'
  if (who.credential === 'invalid') {
    return policy.access.who === 'public' && policy.scope === 'none' ? '200' : '401'
  }
  const { access, scope, freshMinutes } = policy
  if ((access.who === 'admin' || access.who === 'super_admin') && !roleAtLeast(who.system, access.who))
    return '403'
  if (who.scopes !== undefined && scope === 'session') return '403 SESSION_REQUIRED'
  if (who.scopes !== undefined && scope !== 'none' && !who.scopes.includes(scope)) return '403 SCOPE_MISSING'
  if (freshMinutes !== undefined && (who.proven ?? 0) > freshMinutes) return '403 REAUTH_REQUIRED'
  if (access.who === 'member') return memberCell(who.member, access.min)
  if (access.who === 'self') return own || roleAtLeast(who.system, 'admin') ? '200' : '404'
  return '200'
}

function memberCell(role: MemberRole | undefined, min: MemberRole): Cell {
  if (role === undefined) return '404'
  return memberRoles.indexOf(role) >= memberRoles.indexOf(min) ? '200' : '403'
}

/** Principals who are let in, weakest first. */
const byStrength: readonly PrincipalName[] = [
  'anonymous',
  'stranger',
  'viewer',
  'editor',
  'owner',
  'admin',
  'superAdmin',
]

/** The weakest principal whom `policy` lets in. */
export function weakestAllowed(policy: Policy): PrincipalName {
  const found = byStrength.find((name) => expectedCell(policy, name, true) === '200')
  if (found === undefined) throw new Error(`Nobody may call what has the policy ${JSON.stringify(policy)}`)
  return found
}
