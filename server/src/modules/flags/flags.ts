import type { FlagDefinition } from './flag-rules.ts'

/** Every flag there is. A name given here is a name in the SDK. */
export const flagNames = ['new_dashboard', 'ai_chat', 'advanced_analytics'] as const

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
