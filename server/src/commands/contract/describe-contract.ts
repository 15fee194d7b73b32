import { errorCodes, errorReasons } from '../../contract/errors.ts'
import type { JsonSchema } from '../../contract/json-schema.ts'
import { limits } from '../../contract/limits.ts'
import { type Access, asksPerson, type Policy } from '../../contract/policy.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import type { RestRoute } from '../../surfaces/rest/route.ts'
import { restRoutes } from '../../surfaces/rest/route-table.ts'
import { reasonsOf } from '../../surfaces/sdk/procedure-errors.ts'
import { commandOf } from './command-facts.ts'
import type { Contract, ContractOperation, ContractProcedure, Direction } from './contract.ts'

/** The contract that a registry keeps now. @param version that of the SDK */
export function describeContract(
  registry: readonly RegistryEntry[],
  version: string,
  releases: Contract['releases'] = [],
): Contract {
  const types: Record<Direction, Record<string, JsonSchema>> = { input: {}, output: {} }
  const routes = new Map(restRoutes(registry).map((route) => [route.entry, route]))
  const procedures = registry.map((entry): [string, ContractProcedure] => [
    entry.path,
    describe(entry, routes.get(entry), (schema, direction) => hoist(schema, types[direction])),
  ])
  return {
    version,
    releases,
    errors: {
      codes: Object.fromEntries(Object.entries(errorCodes).map(([code, { status }]) => [code, status])),
      reasons: Object.fromEntries(Object.entries(errorReasons).map(([reason, { code }]) => [reason, code])),
    },
    types: { input: sorted(types.input), output: sorted(types.output) },
    procedures: Object.fromEntries(procedures),
  }
}

type Hoist = (schema: JsonSchema, direction: Direction) => JsonSchema

function describe(entry: RegistryEntry, route: RestRoute | undefined, hoist: Hoist): ContractProcedure {
  const { kind, policy, job, input } = entry
  const { surfaces = {}, deprecated } = policy
  const sent = input === null ? null : hoist(input, 'input')
  const limit = limits[policy.limit]
  return {
    kind,
    input: sent,
    output: hoist(entry.output, 'output'),
    job: job === null ? null : { name: job.name, result: hoist(job.result, 'output') },
    access: accessOf(policy.access),
    scope: policy.scope,
    limit: `${policy.limit}: ${limit.points} in ${limit.seconds} s`,
    freshMinutes: policy.freshMinutes ?? null,
    batch: policy.batch !== false,
    idempotent: isIdempotent(entry),
    destructive: isDestructive(policy),
    upload: uploadOf(policy),
    errors: reasonsOf(entry),
    deprecated: deprecated === undefined ? null : { sunset: null, ...deprecated },
    rest: route === undefined ? null : operationOf(route),
    command: surfaces.cli === false ? null : commandOf(entry),
    tool:
      surfaces.mcp === false
        ? null
        : {
            listed: surfaces.mcp === 'listed',
            readOnly: kind !== 'mutation',
            destructive: asksPerson(policy),
            idempotent: isIdempotent(entry),
          },
    agent: surfaces.agent !== false,
  }
}

function accessOf(access: Access): string {
  return access.who === 'member' ? `member:${access.min}` : access.who
}

function isIdempotent({ kind, policy }: RegistryEntry): boolean {
  return kind !== 'mutation' || ('idempotent' in policy && policy.idempotent === true)
}

function isDestructive(policy: Policy): boolean {
  return 'destructive' in policy && policy.destructive === true
}

function uploadOf(policy: Policy): ContractProcedure['upload'] {
  if (!('upload' in policy) || policy.upload === undefined) return null
  const { maxBytes = null, types = null } = policy.upload
  return { maxBytes, types }
}

function operationOf(route: RestRoute): ContractOperation {
  const { method, path, pathFields, queryFields, body, bodyFields, status, located, versioned } = route
  return {
    method,
    path,
    pathFields,
    queryFields,
    body,
    bodyFields,
    status,
    located: located ?? null,
    versioned,
  }
}

/** Takes the named schemas out of a root: each stands once in the contract. Nameless ones stay. */
function hoist(schema: JsonSchema, types: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _dialect, $defs = {}, ...rest } = schema
  const own: Record<string, JsonSchema> = {}
  for (const [name, part] of Object.entries($defs)) {
    if (name.startsWith('__')) own[name] = part
    else types[name] = part
  }
  return Object.keys(own).length === 0 ? rest : { ...rest, $defs: own }
}

function sorted(types: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)))
}
