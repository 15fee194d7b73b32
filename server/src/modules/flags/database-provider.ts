import { FlagNotFoundError, StandardResolutionReasons, TypeMismatchError } from '@openfeature/server-sdk'
import type { Config } from '../../config/index.ts'
import type { FlagProvider } from '../../platform/flags/flag-client.ts'
import { decide, type FlagDefinition } from './flag-rules.ts'
import type { FlagSettings } from './flag-settings.ts'
import { subjectOfContext } from './flag-subject.ts'

/** What {@link createDatabaseProvider} needs. */
export interface DatabaseProviderDeps {
  readonly definitions: ReadonlyMap<string, FlagDefinition>
  readonly settings: Pick<FlagSettings, 'current'>
  readonly environment: Config['environment']
}

/** The provider behind the flags unless another is plugged in: what admins set, else what the code declares. */
export function createDatabaseProvider(deps: DatabaseProviderDeps): FlagProvider {
  const { definitions, settings, environment } = deps
  const onlyBooleans = async (): Promise<never> => {
    throw new TypeMismatchError('Every flag here is on or off')
  }
  return {
    metadata: { name: 'database' },
    runsOn: 'server',
    async resolveBooleanEvaluation(flag, _fallback, context) {
      const declared = definitions.get(flag)
      if (declared === undefined) throw new FlagNotFoundError(`There is no flag ${flag}`)
      const rules = (await settings.current()).get(flag) ?? declared
      const { value, rule } = decide(flag, rules, subjectOfContext(environment, context))
      return rule === undefined
        ? { value, reason: StandardResolutionReasons.DEFAULT }
        : { value, reason: StandardResolutionReasons.TARGETING_MATCH, variant: `rule-${rule}` }
    },
    resolveStringEvaluation: onlyBooleans,
    resolveNumberEvaluation: onlyBooleans,
    resolveObjectEvaluation: onlyBooleans,
  }
}
