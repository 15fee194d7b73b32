import { z } from 'zod'
import { subscriptionTiers } from '../../contract/actor.ts'
import { named } from '../../contract/json-schema.ts'
import { systemRoles } from '../../contract/policy.ts'
import { Id } from '../../contract/schemas.ts'

const environments = ['development', 'test', 'production'] as const

/** A distinct choice of a few. */
function someOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.array(z.enum(names)).min(1).max(names.length)
}

const conditions = {
  environments: someOf(environments).describe('Servers started in one of these.'),
  signedIn: z.boolean().describe('Callers with an account, or those without.'),
  userIds: z.array(Id).min(1).max(500).describe('These users.'),
  roles: someOf(systemRoles).describe('Users with one of these roles.'),
  betaTester: z.boolean().describe('Beta testers, or everybody else.'),
  subscriptionTiers: someOf(subscriptionTiers).describe('Users who have subscribed to one of these.'),
  percentage: z
    .number()
    .min(0)
    .max(100)
    .describe('This part of all users; always the same ones, and raising it only adds some.'),
}

/** Decides a flag for those of whom all its conditions are true. */
export const FlagRule = named(
  'FlagRule',
  'Decides a flag for those of whom all its conditions are true.',
  z.strictObject({ ...z.object(conditions).partial().shape, value: z.boolean() }),
)

/** The rules of one flag, in order. */
export const FlagRuleList = z.array(FlagRule).max(50)
export type FlagRule = z.output<typeof FlagRule>
