import { kebab } from '../../contract/kebab.ts'
import type { RestOperation } from '../../contract/policy.ts'
import { inputFieldsOf, type RegistryEntry, takesFile } from '../../contract/registry.ts'

/**
 * The operation a procedure has unless it names another, resourceful by its name and required fields:
 *
 * | procedure | operation |
 * | --- | --- |
 * | `tasks.get {id}` | `GET /tasks/{id}` |
 * | `tasks.list {projectId}` | `GET /projects/{projectId}/tasks` |
 * | `tasks.create {projectId}` | `POST /projects/{projectId}/tasks` |
 * | `tasks.update {id, data}` | `PATCH /tasks/{id}` |
 * | `tasks.delete {id}` | `DELETE /tasks/{id}` |
 * | `tasks.restore {id}` | `POST /tasks/{id}/restore` |
 * | `users.stats {id}` | `GET /users/{id}/stats` |
 * | `files.upload` | `POST /files` |
 *
 * @param collections the first names of all procedures: what a field such as `projectId` can belong to
 */
export function deriveOperation(entry: RegistryEntry, collections: ReadonlySet<string>): RestOperation {
  const names = entry.path.split('.')
  const verb = names.pop() ?? entry.path
  const { required } = inputFieldsOf(entry)
  const base = basePath(names, required, collections)
  const item: `/${string}` = required.has('id') ? `${base}/{id}` : base
  if (takesFile(entry) && verb === 'upload') return `POST ${base}`
  if (entry.kind === 'mutation') return mutationOperation(verb, base, item)
  if (verb === 'list') return `GET ${base}`
  if (verb === 'get' && item !== base) return `GET ${item}`
  return `GET ${item}/${kebab(entry.kind === 'subscription' ? withoutOn(verb) : verb)}`
}

function mutationOperation(verb: string, base: `/${string}`, item: `/${string}`): RestOperation {
  if (verb === 'create') return `POST ${base}`
  if (verb === 'update' && item !== base) return `PATCH ${item}`
  if (verb === 'delete' && item !== base) return `DELETE ${item}`
  return `POST ${item}/${kebab(verb)}`
}

function basePath(
  names: readonly string[],
  required: ReadonlySet<string>,
  collections: ReadonlySet<string>,
): `/${string}` {
  const [first = '', ...nested] = names
  let path = `/${kebab(first)}`
  const owner = [...required].find(
    (field) => collections.has(collectionOf(field)) && collectionOf(field) !== first,
  )
  const own = `${first.replace(/s$/, '')}Id`
  if (nested.length > 0 && required.has(own)) path += `/{${own}}`
  else if (owner !== undefined) path = `/${kebab(collectionOf(owner))}/{${owner}}${path}`
  return `/${[path.slice(1), ...nested.map(kebab)].join('/')}`
}

/** `projectId` → `projects`; other fields belong to no collection. */
function collectionOf(field: string): string {
  return field.endsWith('Id') ? `${field.slice(0, -2)}s` : ''
}

/** `onProgress` → `progress`. */
function withoutOn(verb: string): string {
  return verb.replace(/^on([A-Z])/, (_on, letter: string) => letter.toLowerCase())
}
