import type { CatalogueModel } from '../catalogue/catalogue-model.ts'
import type { Providers } from './model-access.ts'
import type { ReadUserSettings } from './user-settings.ts'

/** Which models one user has a key for. */
export interface Reached {
  has(model: Pick<CatalogueModel, 'provider' | 'kind'>): boolean
}

/** Says which models a user has a key for, without using it. */
export interface Reach {
  of(userId: string): Promise<Reached>
  /** The names of all providers. */
  providers(): readonly string[]
}

/** Builds the {@link Reach}. */
export function createReach(providers: Providers, settingsOf: ReadUserSettings): Reach {
  return {
    providers: () => providers.list().map(({ name }) => name),
    async of(userId) {
      const { keys } = await settingsOf(userId)
      const platform = new Set(providers.list().flatMap(({ name, configured }) => (configured ? [name] : [])))
      const own = new Set(keys.map(({ provider }) => provider))
      return {
        // Embeddings are made with the platform's key alone: they are compared with those of others.
        has: ({ provider, kind }) => platform.has(provider) || (kind === 'chat' && own.has(provider)),
      }
    },
  }
}
