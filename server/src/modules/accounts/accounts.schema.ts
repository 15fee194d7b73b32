import { z } from 'zod'
import { subscriptionTiers } from '../../contract/actor.ts'
import { named } from '../../contract/json-schema.ts'
import { systemRoles } from '../../contract/policy.ts'
import { Id, Timestamp, text } from '../../contract/schemas.ts'

/** The longest address that mail can be sent to (RFC 5321, §4.5.3.1.3, less the angle brackets). */
const MAX_EMAIL = 254

/**
 * An e-mail address in its one canonical form: compatibility characters folded (NFKC), lower case. Spellings that
 * differ only in these are one account.
 */
export const EmailInput = z
  .string()
  .max(MAX_EMAIL)
  .normalize('NFKC')
  .toLowerCase()
  .regex(z.regexes.email, 'Give an e-mail address.')
  .max(MAX_EMAIL)
  .meta({ examples: ['ada@example.com'] })

/** A name of a person. */
export const FullName = text(1, 100).meta({ examples: ['Ada Lovelace'] })

/** A role in the whole system. */
export const Role = named('SystemRole', 'A role in the whole system, weakest first.', z.enum(systemRoles))

/** What a user has subscribed to. */
export const SubscriptionTier = named(
  'SubscriptionTier',
  'What a user has subscribed to, least first.',
  z.enum(subscriptionTiers),
)

/** An account as its owner and admins see it. */
export const User = named(
  'User',
  'An account as its owner and admins see it.',
  z.object({
    id: Id,
    email: z.string(),
    fullName: z.string(),
    role: Role,
    betaTester: z.boolean(),
    subscriptionTier: SubscriptionTier,
    preferredProvider: z
      .string()
      .nullable()
      .meta({
        description: 'Which LLM provider answers when a call names none.',
        examples: [null],
      }),
    emailVerifiedAt: Timestamp.nullable(),
    suspendedAt: Timestamp.nullable().meta({ examples: [null] }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
