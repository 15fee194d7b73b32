import { isRecord, textsIn } from '../records.ts'

/** A JSON Schema as it came from the server: read by what is known of it, the rest is passed over. */
export type Schema = Readonly<Record<string, unknown>>

/** Follows `$ref`s into `root`'s `$defs`; what cannot be followed allows anything. */
export function resolve(schema: Schema, root: Schema): Schema {
  let current = schema
  for (let steps = 0; steps < 20; steps += 1) {
    const { $ref: reference, ...beside } = current
    if (typeof reference !== 'string') return current
    const name = reference.startsWith('#/$defs/') ? reference.slice('#/$defs/'.length) : undefined
    const definitions = root.$defs
    const target = name !== undefined && isRecord(definitions) ? definitions[name] : undefined
    if (!isRecord(target)) return {}
    current = { ...target, ...beside }
  }
  return {}
}

/** The fields of an object, in the order of the schema. */
export function propertiesOf(schema: Schema): [string, Schema][] {
  const { properties } = schema
  if (!isRecord(properties)) return []
  return Object.entries(properties).filter((entry): entry is [string, Schema] => isRecord(entry[1]))
}

/** The names of the fields that must be there. */
export function requiredOf(schema: Schema): string[] {
  return textsIn(schema.required)
}

/** The types a value may have, by JSON Schema's names; none when the schema does not say. */
export function typesOf(schema: Schema): string[] {
  const { type } = schema
  return typeof type === 'string' ? [type] : textsIn(type)
}

/** The schemas in a list such as `anyOf`; none when there is no such list. */
export function schemasIn(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** The schema without the possibility of null, and whether there was one. */
export function withoutNull(schema: Schema, root: Schema): { schema: Schema; nullable: boolean } {
  const types = typesOf(schema)
  if (types.length > 1 && types.includes('null')) {
    const rest = types.filter((type) => type !== 'null')
    return { schema: { ...schema, type: rest.length === 1 ? rest[0] : rest }, nullable: true }
  }
  const { anyOf, ...beside } = schema
  const options = schemasIn(anyOf).map((option) => resolve(option, root))
  const others = options.filter((option) => option.type !== 'null')
  if (others.length === options.length) return { schema, nullable: false }
  const [only] = others
  if (others.length === 1 && only !== undefined) return { schema: { ...only, ...beside }, nullable: true }
  return { schema: { ...beside, anyOf: others }, nullable: true }
}
