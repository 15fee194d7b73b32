import { deprecationText } from '../../contract/deprecation.ts'
import { limits } from '../../contract/limits.ts'
import { asksPerson } from '../../contract/policy.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { toolNameOf } from './tool-name.ts'

/** What a model has to know of a procedure before it calls it. */
export function describeTool({ summary, description, policy, job }: RegistryEntry): string {
  const { points, seconds } = limits[policy.limit]
  const { deprecated, errors = [] } = policy
  return [
    deprecated === undefined ? '' : `${deprecationText(deprecated, toolNameOf)} `,
    [summary, description].filter((text) => text !== undefined).join(' '),
    job === null ? '' : ' Answers with the id of a job: jobs_get tells how it stands.',
    askFirst(policy),
    policy.scope === 'none' || policy.scope === 'session' ? '' : ` Scope: ${policy.scope}.`,
    errors.length === 0 ? '' : ` Errors: ${errors.join(', ')}.`,
    ` At most ${points} calls in ${seconds} s.`,
  ].join('')
}

function askFirst(policy: RegistryEntry['policy']): string {
  if ('destructive' in policy && policy.destructive === true)
    return ' Ask the user before: it takes something away.'
  return asksPerson(policy) ? ' Ask the user before: others get something by it, rights or a message.' : ''
}
