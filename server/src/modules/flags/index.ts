import type { Config } from '../../config/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import { createFlagClient, type FlagProvider } from '../../platform/flags/flag-client.ts'
import type { Logger } from '../../platform/logger.ts'
import { createDatabaseProvider } from './database-provider.ts'
import { createFlagSettings } from './flag-settings.ts'
import { createFlagsRouter } from './flags.router.ts'
import { createFlagsService } from './flags.service.ts'
import { flags as definitions } from './flags.ts'

/** What {@link createFlags} needs. */
interface FlagsDeps {
  readonly config: Pick<Config, 'environment'>
  readonly database: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  /** Decides instead of the database: any provider OpenFeature knows. */
  readonly provider?: FlagProvider | undefined
}

/** Builds the flags module. Does no I/O before `start`. */
export function createFlags({ config, database, bus, clock, logger, provider }: FlagsDeps) {
  const { environment } = config
  const settings = createFlagSettings({ database, bus, logger })
  const own = createDatabaseProvider({
    definitions: new Map(Object.entries(definitions)),
    settings,
    environment,
  })
  const client = createFlagClient({ provider: provider ?? own, logger })
  const flags = createFlagsService({
    database,
    clock,
    client,
    environment,
    decidedElsewhere: provider !== undefined,
  })
  return {
    router: createFlagsRouter(flags),
    /** Whether a flag is on for somebody; see {@link createFlagsService}. */
    isEnabled: flags.isEnabled,
    start: () => client.start(),
    close() {
      client.close()
      settings.close()
    },
  }
}

/** The flags module as the composition root holds it. */
export type Flags = ReturnType<typeof createFlags>
