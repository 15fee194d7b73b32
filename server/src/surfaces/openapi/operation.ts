import { deprecationText } from '../../contract/deprecation.ts'
import { exampleOutput } from '../../contract/example-input.ts'
import { limits } from '../../contract/limits.ts'
import type { Access } from '../../contract/policy.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { isVersioned } from '../rest/answer/is-versioned.ts'
import type { RestRoute } from '../rest/route.ts'
import { namesOf } from '../sdk/declarations.ts'
import { codeSamples } from './code-samples.ts'
import type { Header, Operation, Ref, Response } from './document.ts'
import { parametersOf, requestBodyOf } from './parameters.ts'
import { problemResponses } from './problems.ts'
import type { DocumentSchemas } from './schemas.ts'
import { tagOf } from './tags.ts'

/** Headers of answers. */
export const commonHeaders: Readonly<Record<string, Header>> = {
  'X-Request-Id': { description: 'The id of this call in logs and audit rows.', schema: { type: 'string' } },
  'Retry-After': { description: 'How many seconds to wait.', schema: { type: 'integer', minimum: 0 } },
  RateLimit: {
    description:
      'What is left of the limit: `"write";r=299;t=10`, the calls and the seconds until it is full again.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'The limit: `"write";q=300;w=10`, so many calls in so many seconds.',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'The version, in quotation marks: `"3"`. Send it as `If-Match`.',
    schema: { type: 'string' },
  },
  Location: { description: 'The address of what was made, or of the job.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` when this is the answer to an earlier call with the same `Idempotency-Key`.',
    schema: { type: 'string', const: 'true' },
  },
  Deprecation: {
    description: 'Since when the operation is deprecated, in seconds after 1970 (RFC 9745).',
    schema: { type: 'string', pattern: '^@\\d+$' },
  },
  Sunset: { description: 'From when on it may be gone (RFC 8594).', schema: { type: 'string' } },
  Link: { description: 'Where its successor is (RFC 5829).', schema: { type: 'string' } },
}

/** A route as an operation. */
export function operationOf(route: RestRoute, schemas: DocumentSchemas, baseUrl: string): Operation {
  const { entry } = route
  const { policy } = entry
  const requestBody = requestBodyOf(route, schemas)
  return {
    operationId: entry.path.replaceAll('.', '_'),
    tags: [tagOf(entry.path)],
    summary: entry.summary,
    description: descriptionOf(entry),
    ...(policy.deprecated === undefined ? {} : { deprecated: true }),
    security: securityOf(entry),
    parameters: parametersOf(route, schemas),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { ...successOf(route, schemas), ...problemResponses(route) },
    'x-procedure': entry.path,
    ...(policy.scope === 'none' || policy.scope === 'session' ? {} : { 'x-scope': policy.scope }),
    'x-codeSamples': codeSamples(route, baseUrl),
  }
}

function descriptionOf(entry: RegistryEntry): string {
  const { description, policy, kind } = entry
  const { points, seconds } = limits[policy.limit]
  const { deprecated, freshMinutes } = policy
  const facts = [
    `**Who:** ${whoMay(policy.access)}${keyNote(policy.scope)}`,
    freshMinutes === undefined
      ? ''
      : `**Fresh:** the password must have been proven within ${freshMinutes} minutes.`,
    `**Limit:** ${points} calls in ${seconds} s (\`${policy.limit}\`).`,
  ]
  const stream =
    kind === 'subscription'
      ? 'Server-sent events: each message is one event, its `data` JSON and its `id` what to send as `Last-Event-ID` to go on after it. `event: end` means that there will be no more; `event: error` has a problem as data. Schema and example are those of one event’s data.'
      : ''
  const old = deprecated === undefined ? '' : deprecationText(deprecated)
  return [old, description ?? '', stream, facts.filter((fact) => fact !== '').join('  \n')]
    .filter((part) => part !== '')
    .join('\n\n')
}

function whoMay(access: Access): string {
  switch (access.who) {
    case 'public':
      return 'anyone.'
    case 'user':
      return 'anyone logged in.'
    case 'self':
      return 'the user it is about, or an admin.'
    case 'admin':
      return 'admins.'
    case 'super_admin':
      return 'super admins.'
    case 'member':
      return `members of the project, at least \`${access.min}\`.`
  }
}

function keyNote(scope: RegistryEntry['policy']['scope']): string {
  if (scope === 'none') return ''
  return scope === 'session' ? ' A session; API keys will not do.' : ` API keys need the scope \`${scope}\`.`
}

function securityOf({ policy }: RegistryEntry): Operation['security'] {
  const { scope, access } = policy
  if (scope === 'none') return []
  const all = scope === 'session' ? [{ session: [] }] : [{ session: [] }, { apiKey: [] }]
  return access.who === 'public' ? [...all, {}] : all
}

function successOf(route: RestRoute, schemas: DocumentSchemas): Record<string, Response> {
  const { entry, status, located } = route
  const hasVersion = entry.kind !== 'subscription' && isVersioned(entry.output)
  const headers = headerRefs([
    'X-Request-Id',
    'RateLimit',
    'RateLimit-Policy',
    ...(hasVersion ? ['ETag'] : []),
    ...(located === undefined ? [] : ['Location']),
    ...(entry.kind === 'mutation' ? ['Idempotency-Replayed'] : []),
    ...(entry.policy.deprecated === undefined ? [] : ['Deprecation', 'Sunset', 'Link']),
  ])
  if (status === 204) return { '204': { description: 'Done.', headers } }
  const schema = schemas.declare(namesOf(entry).output, entry.output, 'output', outputNote(entry))
  const type = entry.kind === 'subscription' ? 'text/event-stream' : 'application/json'
  const success: Response = {
    description: successNote(route),
    headers,
    content: { [type]: { schema, example: exampleOutput(entry) } },
  }
  const unchanged: Response = { description: 'You have the current version.', headers }
  const isConditional = entry.kind === 'query' && hasVersion
  return { [status]: success, ...(isConditional ? { '304': unchanged } : {}) }
}

function outputNote({ path, kind }: RegistryEntry): string {
  return kind === 'subscription' ? `One event of \`${path}\`.` : `What \`${path}\` answers.`
}

function successNote({ entry, status }: RestRoute): string {
  if (entry.kind === 'subscription') return 'The stream; the schema is that of one event.'
  if (status === 201) return 'Made.'
  if (status === 202) return 'A job does the work; follow it at `Location`.'
  return entry.kind === 'query' ? 'What was asked for.' : 'Done.'
}

function headerRefs(names: readonly string[]): Record<string, Ref> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
