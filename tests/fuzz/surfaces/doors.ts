import { type RegistryEntry, takesFile } from '../../../server/src/contract/registry.ts'

/** Procedures that stand for all of their kind where a request is about none in particular. */
export interface Doors {
  /** Something to read for those with an account. */
  readonly read: RegistryEntry | undefined
  /** Something to write for those with an account, with an input. */
  readonly write: RegistryEntry | undefined
  /** Something to write for anybody. */
  readonly open: RegistryEntry | undefined
  readonly upload: RegistryEntry | undefined
}

/** The doors of a registry; those of the product where it is the product's. */
export function doorsOf(registry: readonly RegistryEntry[]): Doors {
  const isGuarded = ({ policy }: RegistryEntry) => policy.access.who !== 'public'
  const isPlain = (entry: RegistryEntry) =>
    entry.kind === 'mutation' && entry.input !== null && !takesFile(entry)
  const find = (name: string, rule: (entry: RegistryEntry) => boolean) =>
    registry.find(({ path }) => path === name) ?? registry.find(rule)
  return {
    read: find('users.me', (entry) => entry.kind === 'query' && isGuarded(entry)),
    write: find('tasks.create', (entry) => isPlain(entry) && isGuarded(entry)),
    open: find('auth.login', (entry) => isPlain(entry) && !isGuarded(entry)),
    upload: registry.find(takesFile),
  }
}
