import type { Deprecation } from './deprecation.ts'
import type { ErrorReason } from './errors.ts'
import type { LimitName } from './limits.ts'
import type { Scope } from './scopes.ts'
import type { UploadRule } from './upload.ts'

/** Roles of a user in the whole system, weakest first. */
export const systemRoles = ['user', 'admin', 'super_admin'] as const
/** A role in the whole system. */
export type SystemRole = (typeof systemRoles)[number]

/** Roles of a user in a project, weakest first. */
export const memberRoles = ['viewer', 'editor', 'owner'] as const
/** A role in a project. */
export type MemberRole = (typeof memberRoles)[number]

/**
 * Who may call.
 * - `public`: anyone. - `user`: anyone logged in. - `admin`, `super_admin`: that role or above.
 * - `member`: a member of the project the input names, at least with `min`; enforced inside the query, so that a
 *   stranger's project and a missing one are one answer.
 * - `self`: the user the input names, or an admin.
 */
export type Access =
  | { readonly who: 'public' }
  | { readonly who: 'user' }
  | { readonly who: 'self' }
  | { readonly who: 'admin' }
  | { readonly who: 'super_admin' }
  | { readonly who: 'member'; readonly min: MemberRole }

/** A REST operation: method and path below `/api/v1`, with the input's fields that stand in it in braces. */
export type RestOperation = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

/** How a procedure is called where not as by default: on every surface, REST with a path that follows from its name. */
export interface Surfaces {
  /** `false` leaves it out; otherwise the operation, for example `PUT /users/{id}/role`. */
  readonly rest?: false | RestOperation
  /** `false` leaves it out of the command line. */
  readonly cli?: false
  /** `false` leaves it out; `listed` makes it a tool of its own; otherwise it is found by search and called by name. */
  readonly mcp?: false | 'listed'
  /** `false` keeps it from the product's own agents. */
  readonly agent?: false
}

interface BasePolicy {
  readonly access: Access
  /** What an API key needs; `session` means no key will do; `none` that there is nothing to protect. */
  readonly scope: Scope | 'session' | 'none'
  readonly limit: LimitName
  /** The password must have been proven within this many minutes (OWASP ASVS 7.5.1). */
  readonly freshMinutes?: number
  /** `false` refuses the procedure inside a batch, so that a batch cannot multiply guesses. */
  readonly batch?: false
  readonly surfaces?: Surfaces
  /** Reasons of the catalogue this procedure can answer with, beside the codes every procedure has. */
  readonly errors?: readonly ErrorReason[]
  /** It goes away; every surface says so, with the replacement (docs/contract.md). */
  readonly deprecated?: Deprecation
}

/** The rules of a query. */
export type QueryPolicy = BasePolicy

/** The rules of a mutation. */
export interface MutationPolicy extends BasePolicy {
  /** The audit action, `noun.verb`. */
  readonly audit: string
  /** Calling twice is the same as calling once, even without a key; clients retry such calls by themselves. */
  readonly idempotent?: true
  /**
   * Callers without an account may send an idempotency key. Only for calls whose input holds a secret of the caller: all
   * of them share one namespace, and whoever sends the same key and input gets the same answer.
   */
  readonly anonymousKeys?: true
  /** Asks for confirmation on surfaces that have a person in front of them. */
  readonly destructive?: true
  /**
   * A person is asked before a model does it, an agent or an MCP client: it gives somebody rights, or sends something to
   * people. Programs and the command line are not asked.
   */
  readonly confirm?: true
  /** Takes a file beside its fields. */
  readonly upload?: UploadRule
}

/** The rules of a mutation that takes a file. */
export interface UploadPolicy extends MutationPolicy {
  readonly upload: UploadRule
}

/** The rules of a subscription. */
export type SubscriptionPolicy = BasePolicy

/** The rules of any procedure. */
export type Policy = QueryPolicy | MutationPolicy | SubscriptionPolicy

/** Whether `role` is at least `min`. */
export function roleAtLeast(role: SystemRole, min: SystemRole): boolean {
  return systemRoles.indexOf(role) >= systemRoles.indexOf(min)
}

/** Whether a person should be asked before a model calls: something is taken away, given away or sent out. */
export function asksPerson(policy: Policy): boolean {
  return (
    ('destructive' in policy && policy.destructive === true) ||
    ('confirm' in policy && policy.confirm === true)
  )
}

/** The project roles that satisfy `min`. */
export function memberRolesAtLeast(min: MemberRole): MemberRole[] {
  return memberRoles.slice(memberRoles.indexOf(min))
}
