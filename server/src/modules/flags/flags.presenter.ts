import type { FlagSetting } from './flags.repository.ts'
import type { Flag } from './flags.schema.ts'
import { type FlagName, flags } from './flags.ts'

/** A flag as admins see it; `setting` is undefined when nobody ever changed it. */
export function presentFlag(flag: FlagName, setting: FlagSetting | undefined): Flag {
  const { description, owner, ...declared } = flags[flag]
  const { default: otherwise, rules } = setting?.rules ?? declared
  return {
    flag,
    description,
    owner,
    default: otherwise,
    rules: [...rules],
    source: setting?.rules ? 'settings' : 'code',
    version: setting?.version ?? 0,
    changedAt: setting?.changedAt.toISOString() ?? null,
    changedById: setting?.changedById ?? null,
  }
}
