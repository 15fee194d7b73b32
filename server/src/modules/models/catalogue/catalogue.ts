import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Cache, CacheOptions } from '../../../platform/cache/index.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { Logger } from '../../../platform/logger.ts'
import { mergeList, readCatalogue } from './catalogue.repository.ts'
import { CatalogueModel } from './catalogue-model.ts'
import type { ShippedModel } from './shipped-models.ts'

/** Ends what processes know of the catalogue. */
export const CATALOGUE_TAG = 'models.catalogue'

const KEY = 'models.catalogue'
const OPTIONS: CacheOptions<CatalogueModel[]> = {
  schema: z.array(CatalogueModel),
  ttlMs: 5 * 60_000,
  tags: [CATALOGUE_TAG],
}

/** The models there are, as every process knows them: no round trip while nothing changes. */
export interface Catalogue {
  /** All models, also those that are not enabled; the default of each provider before its others. */
  all(): Promise<readonly CatalogueModel[]>
  find(id: string): Promise<CatalogueModel | undefined>
  /** Makes what this version brings part of it. Does not reject: without a database, the first use tries again. */
  start(): Promise<void>
}

/** What the catalogue is made of. */
export interface CatalogueDeps {
  readonly database: Database
  readonly cache: Cache
  readonly clock: Clock
  readonly logger: Logger
  readonly list: readonly ShippedModel[]
}

/** Builds the {@link Catalogue}. */
export function createCatalogue({ database, cache, clock, logger, list }: CatalogueDeps): Catalogue {
  const fingerprint = createHash('sha256').update(JSON.stringify(list)).digest('base64url')
  let merging: Promise<void> | undefined

  const mergeOnce = async (): Promise<void> => {
    if (await mergeList(database, list, { fingerprint, now: clock.now() }))
      await cache.deleteByTag(CATALOGUE_TAG)
  }
  const merge = async (): Promise<void> => {
    merging ??= mergeOnce()
    try {
      await merging
    } catch (error) {
      merging = undefined
      throw error
    }
  }
  const all = async (): Promise<readonly CatalogueModel[]> => {
    await merge()
    return await cache.cached(KEY, OPTIONS, () => readCatalogue(database, clock.now()))
  }

  return {
    all,
    find: async (id) => (await all()).find((model) => model.id === id),
    async start() {
      try {
        await merge()
      } catch (error) {
        logger.warn('The list of models could not be merged; the first use tries again', { error })
      }
    },
  }
}
