import type { JsonSchema } from '../../contract/json-schema.ts'

/** Anything JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

/** A JSON Schema (2020-12) of an object, with everything it refers to inside of it. */
export interface ObjectSchema extends JsonObject {
  type: 'object'
  properties: JsonObject
}

/**
 * A registry's schema as a tool shows it: the root is an object, and what only costs a model tokens is left out
 * (patterns beside a `format` that says the same, the bounds of every integer, names of types). The pipeline checks by
 * the full schema.
 * @throws Error when it describes no object: tools have named arguments
 */
export function toolSchema(schema: JsonSchema | null): ObjectSchema {
  if (schema === null) return { type: 'object', properties: {}, additionalProperties: false }
  const { $schema: _dialect, ...slim } = slimmed(schema)
  const root = rootOf(slim)
  if (!isObjectSchema(root)) throw new Error(`A tool takes and gives objects, not ${JSON.stringify(root)}`)
  return root
}

/** The definition that a root names, with the others still beside it. */
function rootOf(schema: JsonObject): JsonObject {
  const { $ref, $defs } = schema
  const [, name] = (typeof $ref === 'string' ? /^#\/\$defs\/(.+)$/.exec($ref) : null) ?? []
  if (name === undefined || !isObject($defs)) return schema
  const { [name]: definition, ...others } = $defs
  if (!isObject(definition)) return schema
  // It may be part of itself.
  const kept = JSON.stringify($defs).includes(`"#/$defs/${name}"`) ? $defs : others
  return Object.keys(kept).length === 0 ? definition : { ...definition, $defs: kept }
}

function isObjectSchema(schema: JsonObject): schema is ObjectSchema {
  return schema.type === 'object' && isObject(schema.properties)
}

/** What says nothing to a model. */
function isNoise(key: string, value: unknown, beside: object): boolean {
  if (key === 'id' || key.startsWith('x-')) return true
  if (key === 'pattern') return 'format' in beside
  if (key === 'minimum') return value === Number.MIN_SAFE_INTEGER
  return key === 'maximum' && value === Number.MAX_SAFE_INTEGER
}

/** Keywords whose values are schemas by name: what stands in them is no keyword. */
const BY_NAME: ReadonlySet<string> = new Set(['properties', '$defs', 'patternProperties'])

function slimmed(schema: object): JsonObject {
  return mapped(
    Object.entries(schema).filter(([key, value]) => !isNoise(key, value, schema)),
    (value, key) =>
      BY_NAME.has(key) && isObject(value) ? mapped(Object.entries(value), asJson) : asJson(value),
  )
}

function mapped(entries: [string, unknown][], map: (value: unknown, key: string) => Json): JsonObject {
  const present = entries.filter(([, value]) => value !== undefined)
  return Object.fromEntries(present.map(([key, value]) => [key, map(value, key)]))
}

function asJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value === 'object' && value !== null) return slimmed(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
