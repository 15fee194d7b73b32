import type { Client } from '../generated/client.ts'
import { procedures } from '../generated/procedures.ts'
import type { PlinthOptions } from '../generated/react.ts'
import { callerOf } from './caller.ts'
import { pathKey } from './keys.ts'
import { mutationMethods, type Procedure, queryMethods, subscriptionMethods } from './methods.ts'

/** What options are made with. */
export interface QueryOptionsSettings {
  /** Stands before every key, for programs that keep the answers of two servers in one `QueryClient`. */
  readonly keyPrefix?: string | undefined
}

/**
 * Options and keys for TanStack Query, one for each procedure: `plinth.tasks.list.queryOptions({ projectId })`. The client
 * makes the calls, with its tokens, retries and streams. Works anywhere, also on servers; costs nothing until used.
 */
export function createQueryOptions(client: Client, settings?: QueryOptionsSettings): PlinthOptions
export function createQueryOptions(client: object, settings: QueryOptionsSettings = {}): object {
  const prefix = settings.keyPrefix === undefined ? [] : [settings.keyPrefix]
  const root = branch(prefix)
  for (const [path, { kind }] of Object.entries(procedures)) {
    const names = path.split('.')
    const procedure = { key: [...prefix, ...names], call: callerOf(client, names) }
    place(root, prefix, names, leaf(kind, procedure))
  }
  return root
}

function branch(path: readonly string[]): object {
  return {
    pathKey: () => pathKey(path),
    pathFilter: (filters?: object) => ({ ...filters, queryKey: pathKey(path) }),
  }
}

function leaf(kind: 'query' | 'mutation' | 'subscription', procedure: Procedure): object {
  const made = { ...branch(procedure.key), ...METHODS[kind](procedure) }
  return Object.defineProperty(made, '~types', { get: typesOnly })
}

const METHODS = { query: queryMethods, mutation: mutationMethods, subscription: subscriptionMethods }

function typesOnly(): never {
  throw new Error("~types is for the compiler: write typeof plinth.tasks.create['~types']['input'].")
}

function place(root: object, prefix: readonly string[], names: readonly string[], made: object): void {
  let at = root
  names.forEach((name, index) => {
    const there: unknown = Reflect.get(at, name)
    const isLast = index === names.length - 1
    const next = isLast ? made : typeof there === 'object' && there !== null ? there : undefined
    const child = next ?? branch([...prefix, ...names.slice(0, index + 1)])
    Reflect.set(at, name, child)
    at = child
  })
}
