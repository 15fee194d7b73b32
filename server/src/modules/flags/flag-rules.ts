import { createHash } from 'node:crypto'
import type { FlagRule } from './flag-rule.schema.ts'
import type { FlagSubject } from './flag-subject.ts'

/** How a flag stands: the first rule that speaks of somebody decides, and the default where none does. */
export interface FlagRules {
  readonly default: boolean
  readonly rules: readonly FlagRule[]
}

/** A flag as the code declares it. */
export interface FlagDefinition extends FlagRules {
  readonly description: string
  /** Who is asked before it goes. */
  readonly owner: string
}

/** What a flag is for somebody, and which rule said so, counted from 0. */
export interface FlagDecision {
  readonly value: boolean
  readonly rule: number | undefined
}

/** Decides `flag` for `subject`. */
export function decide(
  flag: string,
  { default: otherwise, rules }: FlagRules,
  subject: FlagSubject,
): FlagDecision {
  const index = rules.findIndex((rule) => speaksOf(flag, rule, subject))
  return { value: rules[index]?.value ?? otherwise, rule: index === -1 ? undefined : index }
}

/** Whether every condition of `rule` holds. */
function speaksOf(flag: string, rule: FlagRule, subject: FlagSubject): boolean {
  const { environment, user } = subject
  return (
    (rule.environments?.includes(environment) ?? true) &&
    (rule.signedIn === undefined || rule.signedIn === (user !== undefined)) &&
    (rule.userIds === undefined || (user !== undefined && rule.userIds.includes(user.id))) &&
    (rule.roles === undefined || (user !== undefined && rule.roles.includes(user.role))) &&
    (rule.betaTester === undefined || rule.betaTester === (user?.betaTester ?? false)) &&
    (rule.subscriptionTiers === undefined ||
      (user !== undefined && rule.subscriptionTiers.includes(user.subscriptionTier))) &&
    (rule.percentage === undefined || (user !== undefined && shareOf(flag, user.id) < rule.percentage))
  )
}

/**
 * Where a user stands among all users for one flag: 0 up to 100, always the same. Raising a percentage therefore only
 * adds users, and the first tenth of one flag is not the first tenth of another.
 */
export function shareOf(flag: string, userId: string): number {
  const hash = createHash('sha256').update(`${flag}:${userId}`).digest()
  return (hash.readUInt32BE(0) / 2 ** 32) * 100
}
