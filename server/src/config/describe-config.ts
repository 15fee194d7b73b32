import { existsSync } from 'node:fs'
import path from 'node:path'
import { derivedSettings } from './derived-settings.ts'
import { parseEnvironment } from './parse-environment.ts'
import { isSecretName, REDACTED, redacted } from './redact.ts'
import { environmentSchema } from './schema.ts'

/**
 * Where a value came from. `default`: the schema; `derived`: follows from other settings; `kept`: made by the server and
 * kept in its data folder; `none`: not set, and nothing takes its place.
 */
export type SettingSource = 'environment' | '.env' | 'default' | 'derived' | 'kept' | 'none'

/** One setting as people may see it. */
export interface DescribedSetting {
  readonly name: string
  /** Without secrets; null when there is none. */
  readonly value: string | null
  readonly source: SettingSource
  readonly secret: boolean
  readonly description: string | null
}

/** The whole configuration, without a secret in it. */
export interface ConfigReport {
  readonly settings: readonly DescribedSetting[]
  /** Why a server would not start with it. */
  readonly problems: readonly string[]
  /** Names in `.env` that no setting has: perhaps misspelled. */
  readonly unknown: readonly string[]
}

type Variables = Readonly<Record<string, string | undefined>>

/** Says what a server started with these variables would go by. Changes nothing: no secret is made, no folder. */
export function describeConfig(environment: Variables, file: Variables): ConfigReport {
  const { readable, problems } = parseEnvironment({ ...file, ...environment })
  const derived: Record<string, unknown> = derivedSettings(readable)
  const settings = Object.entries(environmentSchema.shape).map(([name, schema]): DescribedSetting => {
    const about = { name, secret: isSecretName(name), description: schema.description ?? null }
    const [given, source] = firstGiven([environment[name], 'environment'], [file[name], '.env'])
    if (given !== undefined) return { ...about, value: redacted(name, given), source }
    if (name === 'JWT_SECRET' && readable.NODE_ENV !== 'production') {
      return { ...about, value: keptSecret(readable.PLINTH_DATA), source: 'kept' }
    }
    const fallback = schema.safeParse(undefined).data
    if (fallback !== undefined)
      return { ...about, value: redacted(name, String(fallback)), source: 'default' }
    const value = derived[name]
    return value === undefined
      ? { ...about, value: null, source: 'none' }
      : { ...about, value: String(value), source: 'derived' }
  })
  return {
    settings,
    problems,
    unknown: Object.keys(file).filter((name) => !(name in environmentSchema.shape)),
  }
}

/** An empty variable is how shells and compose files say "not set". */
function firstGiven(
  ...candidates: readonly (readonly [string | undefined, SettingSource])[]
): readonly [string | undefined, SettingSource] {
  return candidates.find(([value]) => value !== undefined && value !== '') ?? [undefined, 'none']
}

function keptSecret(dataDirectory: string): string {
  const file = path.join(dataDirectory, 'secret')
  return existsSync(file) ? `${REDACTED} (${file})` : `made at the first start (${file})`
}
