import { z } from 'zod'
import { named } from '../../../contract/json-schema.ts'
import { Dollars, Id, listOf, pageInput, Timestamp, TimestampInput } from '../../../contract/schemas.ts'
import { BudgetStanding } from '../budgets/budgets.schema.ts'

const range = {
  from: TimestampInput.optional().describe('The start of this month (UTC) unless given.'),
  to: TimestampInput.optional().describe(
    'Before this moment; now unless given. At most 366 days after `from`.',
  ),
}

const sums = {
  calls: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cost: Dollars.describe('What the platform paid, in US dollars.'),
  ownKeyCost: Dollars.describe('What was paid with own keys, by the prices of the catalogue.'),
}

const Usage = named(
  'Usage',
  'What a user used of models, and what remains of their budgets.',
  z.object({
    from: Timestamp,
    to: Timestamp,
    total: z.object(sums),
    byModel: z.array(z.object({ modelId: z.string(), ...sums })).describe('The 200 with the most tokens.'),
    byDay: z.array(z.object({ day: z.iso.date().describe('UTC.'), ...sums })),
    budgets: z.array(BudgetStanding),
  }),
)
export type Usage = z.infer<typeof Usage>

export const UsageMineInput = z.strictObject(range)
export const UsageMineOutput = Usage
export const UsageByUserInput = z.strictObject({ userId: Id, ...range })
export const UsageByUserOutput = Usage

export const UsageEntriesInput = z.strictObject({
  ...pageInput,
  ...range,
  threadId: Id.optional(),
  runId: Id.optional(),
})

const UsageEntry = named(
  'UsageEntry',
  'One call of a model.',
  z.object({
    id: Id,
    modelId: z.string(),
    purpose: z.enum(['chat', 'agent', 'embedding', 'test']),
    state: z.enum(['reserved', 'settled']).describe('Reserved while the call is under way.'),
    inputTokens: z.int(),
    outputTokens: z.int(),
    cost: Dollars,
    ownKey: z.boolean().describe('Made with a key of the user’s own.'),
    price: z
      .object({ inputPerMillion: z.string(), outputPerMillion: z.string() })
      .nullable()
      .describe('What it went by, in US dollars per million tokens.'),
    threadId: Id.nullable(),
    replyId: Id.nullable(),
    runId: Id.nullable(),
    traceId: z.string(),
    createdAt: Timestamp,
    settledAt: Timestamp.nullable(),
  }),
)
export type UsageEntry = z.infer<typeof UsageEntry>
export const UsageEntriesOutput = listOf(UsageEntry)
