import type { JsonSchema } from '../../../contract/json-schema.ts'

/** A schema or, as JSON Schema has it, `true` for anything and `false` for nothing. */
export type Schema = JsonSchema | boolean

/** One side of a comparison. */
export interface Side {
  /** The schema that `#` means. */
  readonly root: JsonSchema
  /** Named schemas that stand beside all roots. */
  readonly types: Readonly<Record<string, JsonSchema>>
}

const REF = '#/$defs/'
const ANYTHING: JsonSchema = {}
const NOTHING: JsonSchema = { not: {} }

/** The name in a reference to a schema that all procedures share; undefined for what is only known inside one root. */
export function sharedName(schema: Schema, { root, types }: Side): string | undefined {
  if (typeof schema === 'boolean' || schema.$ref?.startsWith(REF) !== true) return undefined
  const name = schema.$ref.slice(REF.length)
  return root.$defs?.[name] === undefined && types[name] !== undefined ? name : undefined
}

/** What a schema says once its reference is followed. @throws Error for a reference to nothing */
export function resolve(schema: Schema, side: Side): JsonSchema {
  if (schema === true) return ANYTHING
  if (schema === false) return NOTHING
  if (schema.$ref === undefined) return schema
  if (schema.$ref === '#') return side.root
  const name = schema.$ref.slice(REF.length)
  const found = side.root.$defs?.[name] ?? side.types[name]
  if (found === undefined) throw new Error(`The contract has no schema ${schema.$ref}`)
  return resolve(found, side)
}

/** Whether a schema says nothing about its values. */
export function isAnything(schema: JsonSchema): boolean {
  return Object.keys(schema).every((key) => isAnnotation(key))
}

/** Whether a schema has no values. */
export function isNothing({ not }: JsonSchema): boolean {
  return not !== undefined && (not === true || (typeof not === 'object' && isAnything(not)))
}

const ANNOTATIONS = new Set([
  '$schema',
  '$defs',
  '$id',
  'id',
  'title',
  'description',
  'examples',
  'deprecated',
  'default',
  'readOnly',
  'writeOnly',
])

/** Whether a keyword says nothing about which values are valid. */
export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword) || keyword.startsWith('x-')
}

/**
 * The members of a schema that is a union in any of the ways JSON Schema has: `anyOf`, `oneOf`, a list of types, a list
 * of values. A schema that is none is its own only member. References to shared schemas are kept.
 */
export function membersOf(schema: Schema, side: Side, seen: ReadonlySet<JsonSchema> = new Set()): Schema[] {
  const resolved = resolve(schema, side)
  if (seen.has(resolved)) return []
  const union = resolved.anyOf ?? resolved.oneOf
  if (union !== undefined) {
    const { anyOf: _anyOf, oneOf: _oneOf, ...beside } = resolved
    if (!isAnything(beside)) return [schema]
    return union.flatMap((member) => membersOf(member, side, new Set([...seen, resolved])))
  }
  if (resolved.enum !== undefined) return resolved.enum.map((value) => ({ const: value }))
  if (Array.isArray(resolved.type)) return resolved.type.map((type) => ({ ...resolved, type }))
  return [schema]
}
