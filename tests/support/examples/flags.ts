import type { ExampleFactory } from './example.ts'

/** Examples of `flags.*`. */
export const flagExamples: Record<string, ExampleFactory> = {
  'flags.mine': async () => ({ input: undefined }),
  'flags.list': async () => ({ input: { limit: 5 } }),
  'flags.set': async (world) => ({
    input: {
      flag: 'new_dashboard',
      default: false,
      rules: [
        { userIds: [world.principals.viewer.id], roles: ['user'], value: true },
        {
          betaTester: true,
          subscriptionTiers: ['premium'],
          percentage: 50,
          environments: ['production'],
          value: true,
        },
      ],
    },
  }),
  'flags.reset': async () => ({ input: { flag: 'ai_chat' } }),
}
