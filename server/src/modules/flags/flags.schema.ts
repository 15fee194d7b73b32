import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Id, listOf, pageInput, Timestamp } from '../../contract/schemas.ts'
import { FlagRule, FlagRuleList } from './flag-rule.schema.ts'
import { FlagValues, flagNames } from './flags.ts'

const Version = z.int().min(0).max(2_147_483_647)

/** The name of a flag. */
const FlagName = named('FlagName', 'The name of a feature flag.', z.enum(flagNames))

/** A flag as admins see it. */
export const Flag = named(
  'Flag',
  'A feature flag: what it is for, and who gets it.',
  z.object({
    flag: FlagName,
    description: z.string().meta({ examples: ['The dashboard of the next version.'] }),
    owner: z.string().meta({ description: 'The team that is asked before it goes.', examples: ['web'] }),
    default: z.boolean().describe('What everybody gets of whom no rule speaks.'),
    rules: z.array(FlagRule).meta({
      description: 'In order: the first that speaks of somebody decides.',
      examples: [[{ betaTester: true, value: true }]],
    }),
    source: z
      .enum(['code', 'settings'])
      .describe('Whether this is as the code declares it or as an admin set it.'),
    version: Version.describe('Counts changes by admins; send it with `set` to notice other people’s.'),
    changedAt: Timestamp.nullable(),
    changedById: Id.nullable(),
  }),
)
export type Flag = z.infer<typeof Flag>

export const FlagsMineOutput = FlagValues
export const FlagsListInput = z.strictObject({ ...pageInput })
export const FlagsListOutput = listOf(Flag)

export const FlagsSetInput = z.strictObject({
  flag: FlagName,
  default: z.boolean().describe('What everybody gets of whom no rule speaks.'),
  rules: FlagRuleList.default([])
    .refine(
      (given) => given.every(({ value: _, ...rest }) => Object.values(rest).some((one) => one !== undefined)),
      'Give each rule a condition; what everybody gets is `default`.',
    )
    .describe('In order: the first that speaks of somebody decides. They replace all rules there were.'),
  version: Version.optional().describe(
    'The version you saw; refused with VERSION_CONFLICT if it is not the current one.',
  ),
})
export const FlagsSetOutput = Flag

export const FlagsResetInput = z.strictObject({ flag: FlagName })
export const FlagsResetOutput = Flag
