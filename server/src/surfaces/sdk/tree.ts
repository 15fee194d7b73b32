import type { RegistryEntry } from '../../contract/registry.ts'
import { propertyKey } from './names.ts'

/** Procedures by the parts of their paths: a router is a branch, a procedure a leaf. */
export type Tree = Map<string, Tree | RegistryEntry>

/** The registry as routers within routers, in the order of its paths. */
export function treeOf(registry: readonly RegistryEntry[]): Tree {
  const root: Tree = new Map()
  for (const entry of registry) {
    const parts = entry.path.split('.')
    const name = parts.pop() ?? entry.path
    let branch = root
    for (const part of parts) branch = child(branch, part, entry.path)
    branch.set(name, entry)
  }
  return root
}

function child(branch: Tree, part: string, path: string): Tree {
  const existing = branch.get(part)
  if (existing instanceof Map) return existing
  if (existing !== undefined) throw new Error(`${path} is inside ${existing.path}, which is a procedure`)
  const created: Tree = new Map()
  branch.set(part, created)
  return created
}

/** Prints a tree as one object type, each leaf by `leaf`. */
export function printTree(
  tree: Tree,
  leaf: (entry: RegistryEntry, indent: string) => string,
  indent = '',
): string {
  const inner = `${indent}  `
  const lines = [...tree].map(([name, node]) =>
    node instanceof Map
      ? `${inner}${propertyKey(name)}: ${printTree(node, leaf, inner)}`
      : `${inner}${propertyKey(name)}: ${leaf(node, inner)}`,
  )
  return `{\n${lines.join('\n')}\n${indent}}`
}
