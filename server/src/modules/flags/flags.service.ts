import type { z } from 'zod'
import type { Config } from '../../config/index.ts'
import type { Actor } from '../../contract/actor.ts'
import { fail, failBecause } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Prisma } from '../../platform/database/index.ts'
import type { FlagClient } from '../../platform/flags/flag-client.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { decide, type FlagRules } from './flag-rules.ts'
import { FLAGS_TOPIC } from './flag-settings.ts'
import { contextOf, subjectOf } from './flag-subject.ts'
import { presentFlag } from './flags.presenter.ts'
import { type FlagSetting, lockSetting, readSettings, saveSetting } from './flags.repository.ts'
import { type Flag, type FlagsListInput, FlagsMineOutput, type FlagsSetInput } from './flags.schema.ts'
import { type FlagName, flagNames, flags } from './flags.ts'

/** Feature flags. */
export interface FlagsService {
  /** Whether `flag` is on for somebody; null for a caller without an account. Never fails and makes no round trip. */
  isEnabled(flag: FlagName, actor: Actor | null): Promise<boolean>
  /** Every flag, as it is for the caller. */
  mine(call: { readonly actor: Actor }): Promise<Record<FlagName, boolean>>
  /** Flags by name, with their rules. @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: { readonly input: z.output<typeof FlagsListInput> }): Promise<Page<Flag>>
  /** @throws VERSION_CONFLICT, PRECONDITION_FAILED when another provider decides */
  set(call: Change<z.output<typeof FlagsSetInput>>): Promise<Flag>
  /** Back to what the code declares. @throws PRECONDITION_FAILED when another provider decides */
  reset(call: Change<{ readonly flag: FlagName }>): Promise<Flag>
}

interface Change<Input> {
  readonly actor: Actor
  readonly input: Input
  readonly unit: UnitOfWork<Flag>
}

/** What the service is made of. */
export interface FlagsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly client: FlagClient
  readonly environment: Config['environment']
  /** Whether another provider than ours decides, so that what is set here would do nothing. */
  readonly decidedElsewhere: boolean
}

/** Lists of flags are read whole and cut in memory, so that positions need no row. */
const NO_ID = '00000000-0000-0000-0000-000000000000'
const LIST: CursorScope = { list: 'flags', keyType: 'text', filters: {} }
const sortedNames = flagNames.toSorted()

/** Builds the {@link FlagsService}. */
export function createFlagsService(deps: FlagsServiceDeps): FlagsService {
  const { database, clock, client, environment, decidedElsewhere } = deps

  const isEnabled = async (flag: FlagName, actor: Actor | null): Promise<boolean> => {
    const subject = subjectOf(environment, actor)
    return await client.isOn(flag, contextOf(subject), decide(flag, flags[flag], subject).value)
  }

  const change = async (
    { actor, input: { flag }, unit }: Change<{ readonly flag: FlagName }>,
    to: FlagRules | null,
    version?: number,
  ): Promise<Flag> => {
    if (decidedElsewhere) {
      throw fail('PRECONDITION_FAILED', {
        message: `Flags are decided by ${client.provider}; change them there.`,
      })
    }
    return await unit.commit(async ({ db, audit, announce }) => {
      const before = await lockSetting(db, flag)
      if (version !== undefined && before.version !== version) throw failBecause('VERSION_CONFLICT')
      const after = await saveSetting(db, flag, { to, by: actor.userId, at: clock.now() })
      audit({ targetType: 'flag', targetId: flag, changes: { from: inWords(before), to: inWords(after) } })
      announce(FLAGS_TOPIC, flag)
      return presentFlag(flag, after)
    })
  }

  return {
    isEnabled,
    async mine({ actor }) {
      const values = await Promise.all(
        flagNames.map(async (flag) => [flag, await isEnabled(flag, actor)] as const),
      )
      return FlagsMineOutput.parse(Object.fromEntries(values))
    },
    async list({ input }) {
      const slice = sliceOf(input, LIST)
      const rows = new Map((await readSettings(database)).map((row) => [row.flag, row]))
      const from =
        slice.by === 'page' ? slice.offset : sortedNames.findIndex((name) => name > (slice.after?.key ?? ''))
      const names = from === -1 ? [] : sortedNames.slice(from, from + slice.limit + 1)
      return pageOf(names, {
        limit: slice.limit,
        total: slice.by === 'page' ? sortedNames.length : undefined,
        present: (name) => presentFlag(name, rows.get(name)),
        cursorOf: (name) => encodeCursor(LIST, { key: name, id: NO_ID }),
      })
    },
    set: (call) => {
      const { default: otherwise, rules, version } = call.input
      return change(call, { default: otherwise, rules }, version)
    },
    reset: (call) => change(call, null),
  }
}

/** A setting as the audit row has it. */
function inWords({ rules }: FlagSetting): Prisma.InputJsonValue {
  return rules === null ? 'as in the code' : JSON.parse(JSON.stringify(rules))
}
