import { type Database, Prisma, type Tx } from '../../platform/database/index.ts'
import { FlagRuleList } from './flag-rule.schema.ts'
import type { FlagRules } from './flag-rules.ts'
import type { FlagName } from './flags.ts'

/** What is kept of a flag. */
export interface FlagSetting {
  readonly flag: string
  /** What an admin decided; null when the flag is as the code declares it. */
  readonly rules: FlagRules | null
  /** Somebody edited the row by hand and what it says cannot be read; it then counts as no decision. */
  readonly unreadable: boolean
  readonly version: number
  readonly changedAt: Date
  readonly changedById: string | null
}

const select = {
  flag: true,
  defaultValue: true,
  rules: true,
  version: true,
  changedAt: true,
  changedById: true,
} as const satisfies Prisma.FlagSettingSelect

/** Everything admins decided; as many rows as there are flags, at most. */
export async function readSettings(database: Pick<Database, 'prisma'>): Promise<FlagSetting[]> {
  return (await database.prisma.flagSetting.findMany({ select, take: 1_000 })).map(settingOf)
}

/** The setting of a flag, made where there is none and locked until commit, so that of two admins one comes second. */
export async function lockSetting(db: Tx, flag: FlagName): Promise<FlagSetting> {
  await db.flagSetting.createMany({ data: [{ flag }], skipDuplicates: true })
  await db.$queryRaw`SELECT 1 FROM flag_settings WHERE flag = ${flag} FOR NO KEY UPDATE`
  return settingOf(await db.flagSetting.findUniqueOrThrow({ where: { flag }, select }))
}

/** Who changed a flag when, and to what; null for what the code says. */
export interface FlagChange {
  readonly to: FlagRules | null
  readonly by: string
  readonly at: Date
}

/** Writes what was decided about a flag that {@link lockSetting} holds. */
export async function saveSetting(db: Tx, flag: FlagName, { to, by, at }: FlagChange): Promise<FlagSetting> {
  const row = await db.flagSetting.update({
    where: { flag },
    data: {
      defaultValue: to?.default ?? null,
      rules: to === null ? Prisma.DbNull : JSON.parse(JSON.stringify(to.rules)),
      version: { increment: 1 },
      changedAt: at,
      changedById: by,
    },
    select,
  })
  return settingOf(row)
}

function settingOf(row: Prisma.FlagSettingGetPayload<{ select: typeof select }>): FlagSetting {
  const { defaultValue, rules: stored, ...rest } = row
  if (defaultValue === null) return { ...rest, rules: null, unreadable: false }
  const rules = FlagRuleList.safeParse(stored)
  if (!rules.success) return { ...rest, rules: null, unreadable: true }
  return { ...rest, rules: { default: defaultValue, rules: rules.data }, unreadable: false }
}
