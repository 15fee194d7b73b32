import { z } from 'zod'
import type { FlagDefinition } from './flag-rules.ts'

/** Every flag there is, as callers get them. A name given here is a name in the SDK, and must be declared below. */
export const FlagValues = z.object({
  new_dashboard: z.boolean(),
  ai_chat: z.boolean(),
  advanced_analytics: z.boolean(),
})

/** The names of all flags. */
export const flagNames = FlagValues.keyof().options

/** The name of a flag. */
export type FlagName = (typeof flagNames)[number]

/** What each flag is and how it stands until an admin says otherwise. */
export const flags: Readonly<Record<FlagName, FlagDefinition>> = {
  new_dashboard: {
    description: 'The dashboard of the next version.',
    owner: 'web',
    default: false,
    rules: [
      { environments: ['development'], value: true },
      { betaTester: true, value: true },
    ],
  },
  ai_chat: {
    description: 'Chat with a language model over one’s own documents.',
    owner: 'ai',
    default: false,
    rules: [{ signedIn: true, value: true }],
  },
  advanced_analytics: {
    description: 'Reports that go beyond counts.',
    owner: 'data',
    default: false,
    rules: [{ subscriptionTiers: ['premium'], value: true }],
  },
}
