import type { TokenStorage } from '../../token-storage.ts'
import type { Profiles } from './profiles.ts'

/** Tokens in a profile, read anew each time: another command may have renewed them. */
export function profileTokens(profiles: Profiles, name: string): TokenStorage {
  return {
    async get() {
      return (await profiles.read(name))?.tokens ?? null
    },
    async set(tokens) {
      const profile = await profiles.read(name)
      if (profile === undefined) return
      await profiles.write(name, { ...profile, tokens: tokens ?? undefined })
    },
    exclusive: (work) => profiles.exclusive(name, work),
  }
}
