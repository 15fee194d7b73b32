import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import type { Logger } from '../../platform/logger.ts'
import type { FlagRules } from './flag-rules.ts'
import { type FlagSetting, readSettings } from './flags.repository.ts'

/** Says that an admin changed a flag; the payload is its name. */
export const FLAGS_TOPIC = 'flags'

/** A backstop; what ends a reading is the announcement of a change. */
const KEEP_MS = 60_000
/** While announcements may get lost, and after the database did not answer. */
const KEEP_BRIEFLY_MS = 1_000

/** What admins decided, kept in memory until one decides again. */
export interface FlagSettings {
  /**
   * The decisions by flag. No round trip unless something changed; while the database does not answer, what it last said.
   * @throws Error when it never answered
   */
  current(): Promise<ReadonlyMap<string, FlagRules>>
  close(): void
}

interface Reading {
  readonly settings: ReadonlyMap<string, FlagRules> | undefined
  readonly until: number
}

/** Builds the settings over `database`. */
export function createFlagSettings(deps: {
  readonly database: Pick<Database, 'prisma'>
  readonly bus: Pick<Bus, 'subscribe' | 'healthy' | 'onHealthChange'>
  readonly logger: Pick<Logger, 'warn'>
}): FlagSettings {
  const { database, bus, logger } = deps
  let reading: Reading = { settings: undefined, until: 0 }
  let loading: Promise<ReadonlyMap<string, FlagRules>> | undefined

  const forget = (): void => {
    reading = { ...reading, until: 0 }
    // What is being read may be from before the change.
    loading = undefined
  }
  const stops = [bus.subscribe(FLAGS_TOPIC, forget), bus.onHealthChange(forget)]

  const load = (): Promise<ReadonlyMap<string, FlagRules>> => {
    const keep = (settings: Reading['settings'], ms: number): void => {
      if (loading === current) reading = { settings, until: performance.now() + ms }
    }
    const current = readSettings(database)
      .then((rows) => {
        const settings = decisionsOf(rows, logger)
        keep(settings, bus.healthy() ? KEEP_MS : KEEP_BRIEFLY_MS)
        return settings
      })
      .catch((error: unknown) => {
        const { settings } = reading
        keep(settings, KEEP_BRIEFLY_MS)
        if (settings === undefined) throw error
        logger.warn('Feature flags could not be read; they stay as they were', { error })
        return settings
      })
      .finally(() => {
        if (loading === current) loading = undefined
      })
    return current
  }

  return {
    async current() {
      if (performance.now() < reading.until) {
        if (reading.settings === undefined) throw new Error('Feature flags could not be read')
        return reading.settings
      }
      loading ??= load()
      return await loading
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}

/** The decisions among `settings`. */
function decisionsOf(settings: readonly FlagSetting[], logger: Pick<Logger, 'warn'>): Map<string, FlagRules> {
  const decisions = new Map<string, FlagRules>()
  for (const { flag, rules, unreadable } of settings) {
    if (unreadable)
      logger.warn('The rules of a feature flag are not readable; it is as the code declares it', { flag })
    if (rules !== null) decisions.set(flag, rules)
  }
  return decisions
}
