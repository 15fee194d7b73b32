import type { RegistryEntry } from '../../contract/registry.ts'
import { docComment } from './doc-comment.ts'
import { pascalCase, propertyKey } from './names.ts'
import type { Tree } from './tree.ts'

/** How the interfaces of a tree look. */
export interface InterfaceStyle {
  /** What the outermost is called; those inside are called after their path and `suffix`. */
  readonly root: string
  readonly suffix: string
  /** What all of them extend. */
  readonly base?: string
  /** What a tree of procedures is, for its doc comment: `Procedures of`. */
  readonly title: string
  /** Doc comment and type of a procedure. */
  readonly doc: (entry: RegistryEntry) => readonly (string | undefined)[]
  readonly leaf: (entry: RegistryEntry) => string
}

/**
 * Prints a tree as interfaces that name each other, the inner ones first: an editor then resolves only what is looked
 * at.
 */
export function printInterfaces(tree: Tree, style: InterfaceStyle, path = ''): string[] {
  const nested: string[] = []
  const members = [...tree].map(([key, node]) => {
    if (!(node instanceof Map)) {
      return `${docComment(style.doc(node), '  ')}  readonly ${propertyKey(key)}: ${style.leaf(node)}`
    }
    const childPath = path === '' ? key : `${path}.${key}`
    nested.push(...printInterfaces(node, style, childPath))
    return `  readonly ${propertyKey(key)}: ${nameOf(childPath, style)}`
  })
  const title = path === '' ? 'All procedures of the server.' : `${style.title} \`${path}\`.`
  const head = `export interface ${nameOf(path, style)}${style.base === undefined ? '' : ` extends ${style.base}`}`
  return [...nested, `${docComment([title])}${head} {\n${members.join('\n')}\n}\n`]
}

function nameOf(path: string, { root, suffix }: InterfaceStyle): string {
  return path === '' ? root : `${pascalCase(path)}${suffix}`
}
