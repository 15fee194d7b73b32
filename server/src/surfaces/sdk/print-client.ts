import { sinceWhen } from '../../contract/deprecation.ts'
import { errorReasons } from '../../contract/errors.ts'
import type { Access } from '../../contract/policy.ts'
import { type RegistryEntry, takesFile } from '../../contract/registry.ts'
import { namesOf } from './declarations.ts'
import { printInterfaces } from './print-interfaces.ts'
import { inputType } from './print-types.ts'
import { treeOf } from './tree.ts'

const LEAF = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

function leafOf(entry: RegistryEntry): string {
  if (takesFile(entry)) return entry.job === null ? 'Upload' : 'JobUpload'
  return entry.job === null ? LEAF[entry.kind] : 'JobMutation'
}

/** `client.ts`: the client as interfaces within interfaces, so that an editor resolves only what is looked at. */
export function printClient(registry: readonly RegistryEntry[]): string {
  const kinds = [...new Set(registry.map(leafOf))].sort()
  const imports = [
    `import type * as errors from './errors.ts'`,
    `import type { ${kinds.join(', ')} } from '../procedures.ts'`,
    `import type * as types from './types.ts'\n`,
  ]
  const style = {
    root: 'Client',
    suffix: 'Client',
    title: 'Procedures of',
    doc: procedureDoc,
    leaf: leafType,
  }
  return [...imports, ...printInterfaces(treeOf(registry), style)].join('\n')
}

function leafType(entry: RegistryEntry): string {
  return `${leafOf(entry)}<${typesOf(entry).join(', ')}>`
}

/** The types of a procedure’s leaf, in order: input, output, for a job its result, error. */
export function typesOf(entry: RegistryEntry): string[] {
  const { input, output, result, error } = namesOf(entry)
  const taken = input === null ? 'void' : inputType(entry).replace(input, `types.${input}`)
  const answers = result === null ? [`types.${output}`] : [`types.${output}`, `types.${result}`]
  return [taken, ...answers, `errors.${error}`]
}

const MEMBERS = {
  viewer: 'members of the project',
  editor: 'editors and owners of the project',
  owner: 'owners of the project',
} as const

/** What an editor shows of a procedure. */
export function procedureDoc({ summary, description, policy }: RegistryEntry): (string | undefined)[] {
  const reasons = (policy.errors ?? []).map(
    (reason) => `- \`${reason}\` (${errorReasons[reason].code}): ${errorReasons[reason].message}`,
  )
  return [
    summary,
    description === undefined ? undefined : `\n${description}`,
    `\nFor ${whoMay(policy.access)}.`,
    reasons.length === 0 ? undefined : `\nFails with\n${reasons.join('\n')}`,
    policy.deprecated === undefined ? undefined : `@deprecated ${sinceWhen(policy.deprecated)}`,
  ]
}

function whoMay(access: Access): string {
  switch (access.who) {
    case 'public':
      return 'anyone'
    case 'user':
      return 'anyone logged in'
    case 'self':
      return 'the user themselves and admins'
    case 'admin':
      return 'admins'
    case 'super_admin':
      return 'super admins'
    case 'member':
      return MEMBERS[access.min]
  }
}
