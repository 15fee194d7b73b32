import { type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { procedureDoc, typesOf } from './print-client.ts'
import { printInterfaces } from './print-interfaces.ts'
import { type Tree, treeOf } from './tree.ts'

/** Where each kind of leaf is declared. */
const FILES = {
  JobMutationLeaf: 'mutation',
  JobUploadLeaf: 'mutation',
  ListLeaf: 'infinite',
  MutationLeaf: 'mutation',
  QueryLeaf: 'query',
  SubscriptionLeaf: 'subscription',
  UploadLeaf: 'mutation',
} as const

type LeafName = keyof typeof FILES

/** What every router and procedure of the tree has; a procedure of such a name would hide it. */
const METHODS = new Set(['pathKey', 'pathFilter'])

/**
 * `react.ts`: options for TanStack Query as interfaces within interfaces. Nothing about a procedure is computed from its
 * types: which leaf it has is said here.
 *
 * @throws when a router or procedure is called like a method of the tree
 */
export function printReact(registry: readonly RegistryEntry[]): string {
  const tree = treeOf(registry)
  requireFree(tree)
  const leaves = [...new Set(registry.map(leafOf))].sort()
  const files = [...new Set(leaves.map((leaf) => FILES[leaf]))].sort()
  const imports = [
    ...files.map((file) => {
      const names = leaves.filter((leaf) => FILES[leaf] === file)
      return `import type { ${names.join(', ')} } from '../react/${file}.ts'`
    }),
    `import type { Branch } from '../react/leaf.ts'`,
    `import type * as errors from './errors.ts'`,
    `import type * as types from './types.ts'\n`,
  ]
  const style = {
    root: 'PlinthOptions',
    suffix: 'Options',
    base: 'Branch',
    title: 'Options for the procedures of',
    doc: procedureDoc,
    leaf: (entry: RegistryEntry) => `${leafOf(entry)}<${typesOf(entry).join(', ')}>`,
  }
  return [...imports, ...printInterfaces(tree, style)].join('\n')
}

function leafOf(entry: RegistryEntry): LeafName {
  if (entry.kind === 'query') return isPaged(entry) ? 'ListLeaf' : 'QueryLeaf'
  if (entry.kind === 'subscription') return 'SubscriptionLeaf'
  if (takesFile(entry)) return entry.job === null ? 'UploadLeaf' : 'JobUploadLeaf'
  return entry.job === null ? 'MutationLeaf' : 'JobMutationLeaf'
}

/** Whether it goes on from page to page: it takes a `cursor` and answers with the next. */
function isPaged({ input, output }: RegistryEntry): boolean {
  return input?.properties?.cursor !== undefined && output.properties?.pagination !== undefined
}

function requireFree(tree: Tree): void {
  for (const [name, node] of tree) {
    if (METHODS.has(name))
      throw new Error(`"${name}" is a method of the options for TanStack Query: rename it.`)
    if (node instanceof Map) requireFree(node)
  }
}
