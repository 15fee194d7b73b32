import type { RestOperation } from '../../contract/policy.ts'
import { answersDone, inputFieldsOf, type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { deriveOperation } from './derive-operation.ts'
import type { RestMethod, RestRoute } from './route.ts'

/**
 * Every procedure that REST serves, as an operation.
 * @throws Error at start-up when two have the same, or one names a field that its input does not have
 */
export function restRoutes(registry: readonly RegistryEntry[]): RestRoute[] {
  const collections = new Set(registry.map(({ path }) => path.split('.')[0] ?? path))
  const gettable = new Set(registry.filter(({ path }) => path.endsWith('.get')).map(({ path }) => path))
  const routes = registry.flatMap((entry) => {
    const { rest } = entry.policy.surfaces ?? {}
    if (rest === false) return []
    return [routeOf(entry, rest ?? deriveOperation(entry, collections), gettable)]
  })
  requireDistinct(routes)
  return routes
}

function routeOf(entry: RegistryEntry, operation: RestOperation, gettable: ReadonlySet<string>): RestRoute {
  const [method, path] = splitOperation(operation)
  const { names: fields, required } = inputFieldsOf(entry)
  const pathFields = [...path.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field)
  const unknown = pathFields.find((field) => !fields.includes(field))
  if (unknown !== undefined)
    throw new Error(`${entry.path}: ${operation} names ${unknown}, which is no field`)
  if (takesFile(entry) && pathFields.length > 0)
    throw new Error(`${entry.path}: ${operation} has fields, but those of an upload are all in its form`)
  const rest = fields.filter((field) => !pathFields.includes(field))
  const isUpdate = method === 'PATCH' && rest.includes('data')
  const versioned = rest.includes('version') && method !== 'GET'
  const free = rest.filter((field) => !(versioned && field === 'version'))
  const withoutBody = method === 'GET' || method === 'DELETE'
  const body = bodyOf(entry, withoutBody, isUpdate, free.length)
  const bodyFields = withoutBody ? [] : isUpdate ? ['data'] : free
  return {
    entry,
    method,
    path,
    pathFields,
    queryFields: withoutBody ? free : isUpdate ? free.filter((field) => field !== 'data') : [],
    body,
    needsBody: body === 'data' || body === 'multipart' || bodyFields.some((field) => required.has(field)),
    bodyFields,
    status: statusOf(entry),
    located: located(entry, gettable),
    versioned,
  }
}

function bodyOf(
  entry: RegistryEntry,
  withoutBody: boolean,
  isUpdate: boolean,
  free: number,
): RestRoute['body'] {
  if (takesFile(entry)) return 'multipart'
  if (withoutBody || free === 0) return 'none'
  return isUpdate ? 'data' : 'fields'
}

function statusOf(entry: RegistryEntry): RestRoute['status'] {
  if (entry.job !== null) return 202
  if (answersDone(entry)) return 204
  const verb = entry.path.split('.').at(-1)
  return verb === 'create' || verb === 'add' || takesFile(entry) ? 201 : 200
}

/** The procedure that gets what this one made. */
function located(entry: RegistryEntry, gettable: ReadonlySet<string>): string | undefined {
  const getter = [...entry.path.split('.').slice(0, -1), 'get'].join('.')
  if (entry.job !== null) return gettable.has('jobs.get') ? 'jobs.get' : undefined
  return statusOf(entry) === 201 && gettable.has(getter) ? getter : undefined
}

function splitOperation(operation: RestOperation): [RestMethod, string] {
  const [method, path = ''] = operation.split(' ')
  if (!isRestMethod(method)) throw new Error(`${operation}: there is no such method`)
  return [method, path]
}

function isRestMethod(method: string | undefined): method is RestMethod {
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method ?? '')
}

function requireDistinct(routes: readonly RestRoute[]): void {
  const seen = new Map<string, string>()
  for (const { method, path, entry } of routes) {
    const shape = `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`
    const other = seen.get(shape)
    if (other !== undefined) throw new Error(`${other} and ${entry.path} are both ${shape}`)
    seen.set(shape, entry.path)
  }
}
