import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { systemRoles } from '../../../contract/policy.ts'
import { Dollars, DollarsInput, Done, Id, listOf, pageInput, Timestamp } from '../../../contract/schemas.ts'

const Period = z.enum(['day', 'month']).describe('Of the calendar, UTC.')
const BudgetRole = z.enum(systemRoles)

const Budget = named(
  'Budget',
  'What one user, or every user of a role, may use of models in a period.',
  z.object({
    id: Id,
    userId: Id.nullable(),
    role: BudgetRole.nullable(),
    period: Period,
    maxTokens: z.int().nullable(),
    maxCost: Dollars.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Budget = z.infer<typeof Budget>

/** Where somebody stands in a period. */
export const BudgetStanding = named(
  'BudgetStanding',
  'Where a user stands in a period. Calls under way hold what they may come to.',
  z.object({
    period: Period,
    maxTokens: z.int().nullable().describe('Null without a limit.'),
    maxCost: Dollars.nullable().describe('Null without a limit.'),
    usedTokens: z.int(),
    usedCost: Dollars,
    remainingTokens: z.int().nullable(),
    remainingCost: Dollars.nullable(),
    resetsAt: Timestamp.describe('When it begins anew.'),
  }),
)

export const BudgetsListInput = z.strictObject({
  ...pageInput,
  userId: Id.optional(),
  role: BudgetRole.optional(),
})
export const BudgetsListOutput = listOf(Budget)
export const BudgetsSetInput = z
  .strictObject({
    userId: Id.optional(),
    role: BudgetRole.optional().meta({ examples: ['user'] }),
    period: Period,
    maxTokens: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ examples: [1_000_000] }),
    maxCost: DollarsInput.optional(),
  })
  .refine((input) => (input.userId === undefined) !== (input.role === undefined), 'Give userId or role.')
  .refine(
    (input) => input.maxTokens !== undefined || input.maxCost !== undefined,
    'Give maxTokens, maxCost or both.',
  )
export const BudgetsSetOutput = Budget
export const BudgetsRemoveInput = z.strictObject({ id: Id })
export const BudgetsRemoveOutput = Done
