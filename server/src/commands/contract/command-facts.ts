import type { JsonSchema } from '../../contract/json-schema.ts'
import { kebab } from '../../contract/kebab.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import type { ContractCommand } from './contract.ts'
import { membersOf, resolve, type Schema, type Side } from './schema/resolve.ts'

const MAX_DEPTH = 4
const SECRET = /password|secret|passphrase|^(?:refresh|access)?token$/i

/** The command a procedure is, as the command line makes it of the input (docs/command-line.md). */
export function commandOf({ path, input }: RegistryEntry): ContractCommand {
  const words = path.split('.').map(kebab).join(' ')
  if (input === null) return { words, positional: null, flags: [] }
  const side: Side = { root: input, types: {} }
  const root = resolve(input, side)
  return { words, positional: positionalOf(root, side), flags: flagsBelow(root, side, []) }
}

function flagsBelow(schema: JsonSchema, side: Side, prefix: readonly string[]): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = [...prefix, kebab(name)]
    const inner = path.length < MAX_DEPTH ? withoutNull(field, side) : {}
    return [path.join('.'), ...flagsBelow(inner, side, path)]
  })
}

/** `id`, or the only field that must be there, if it is one plain value and no secret. */
function positionalOf({ properties = {}, required = [] }: JsonSchema, side: Side): string | null {
  const must = required.filter((name) => defaultOf(properties[name] ?? true, side) === undefined)
  const [only] = must
  const name = must.includes('id') ? 'id' : must.length === 1 ? only : undefined
  if (name === undefined || SECRET.test(name)) return null
  const { type, enum: values, format } = withoutNull(properties[name] ?? true, side)
  const isPlain = values !== undefined || type === 'string' || type === 'number' || type === 'integer'
  return isPlain && format !== 'binary' ? kebab(name) : null
}

function defaultOf(field: Schema, side: Side): unknown {
  return resolve(field, side).default
}

function withoutNull(field: Schema, side: Side): JsonSchema {
  const resolved = resolve(field, side)
  if (resolved.enum !== undefined) return resolved
  const members = membersOf(field, side).map((member) => resolve(member, side))
  const [only, ...others] = members.filter(({ type }) => type !== 'null')
  return only !== undefined && others.length === 0 ? only : {}
}
