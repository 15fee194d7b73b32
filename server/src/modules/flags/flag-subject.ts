import type { EvaluationContext } from '@openfeature/server-sdk'
import { z } from 'zod'
import type { Config } from '../../config/index.ts'
import { type Actor, subscriptionTiers } from '../../contract/actor.ts'
import { systemRoles } from '../../contract/policy.ts'

/** For whom a flag is decided. */
export interface FlagSubject {
  readonly environment: Config['environment']
  readonly user: z.output<typeof userAttributes> | undefined
}

const userAttributes = z.object({
  id: z.string(),
  role: z.enum(systemRoles),
  betaTester: z.boolean(),
  subscriptionTier: z.enum(subscriptionTiers),
})

/** The subject that `actor` is; null for a caller without an account. */
export function subjectOf(environment: Config['environment'], actor: Actor | null): FlagSubject {
  if (actor === null) return { environment, user: undefined }
  return { environment, user: { id: actor.userId, role: actor.role, ...actor.plan } }
}

/** The subject as OpenFeature carries it. Says nothing that names a person: it may go to another company's service. */
export function contextOf({ environment, user }: FlagSubject): EvaluationContext {
  if (user === undefined) return { environment, signedIn: false }
  const { id, ...attributes } = user
  return { targetingKey: id, environment, signedIn: true, ...attributes }
}

/** The subject of a context; one without complete user attributes is nobody. */
export function subjectOfContext(
  environment: Config['environment'],
  context: EvaluationContext,
): FlagSubject {
  const user = userAttributes.safeParse({ ...context, id: context.targetingKey })
  return { environment, user: user.success ? user.data : undefined }
}
