import type { RegistryEntry } from '../../contract/registry.ts'
import { type Declaration, declarationsOf, namesOf } from './declarations.ts'
import { docComment } from './doc-comment.ts'
import { printTree, treeOf } from './tree.ts'

/** `types.ts`: one exported type for each input, output, event and named schema, and the two maps of them. */
export function printTypes(registry: readonly RegistryEntry[]): string {
  const declarations = declarationsOf(registry)
  const body = declarations.map(printDeclaration).join('\n')
  const tree = treeOf(registry)
  const inputs = printTree(tree, inputType)
  const outputs = printTree(tree, (entry) => namesOf(entry).output)
  return [
    ...importOf(body),
    body,
    docComment(["What each procedure takes: `RouterInputs['tasks']['create']`."]).trimEnd(),
    `export interface RouterInputs ${inputs}\n`,
    docComment(['What each procedure answers, or sends as an event.']).trimEnd(),
    `export interface RouterOutputs ${outputs}\n`,
  ].join('\n')
}

/** What a procedure is called with: `void` where nothing is taken, and also allowed where there is a default for it. */
export function inputType(entry: RegistryEntry): string {
  const { input } = namesOf(entry)
  if (input === null) return 'void'
  return entry.input?.default === undefined ? input : `void | ${input} | undefined`
}

function printDeclaration({ name, doc, isObject, type }: Declaration): string {
  const statement = isObject ? `export interface ${name} ${type}\n` : `export type ${name} = ${type}\n`
  return `${docComment(doc)}${statement}`
}

function importOf(body: string): string[] {
  const used = ['Branded', 'FileInput'].filter((name) => new RegExp(`\\b${name}\\b`).test(body))
  return used.length === 0 ? [] : [`import type { ${used.join(', ')} } from '../values.ts'\n`]
}
