import type { JsonSchema } from '../../contract/json-schema.ts'
import type { RegistryEntry } from '../../contract/registry.ts'
import { sharedSchemas } from '../sdk/shared-schemas.ts'
import type { Direction } from '../sdk/type-expression.ts'

type Schema = JsonSchema | boolean

/** The schemas of a document, by name; named as the SDK names its types. */
export interface DocumentSchemas {
  /** A schema of the registry as the document writes it. */
  write(schema: Schema, direction: Direction): JsonSchema
  /** The same, under a name of its own unless it is a name already. */
  declare(name: string, schema: JsonSchema, direction: Direction, description?: string): JsonSchema
  /** All there are, sorted by name. */
  all(): Record<string, JsonSchema>
}

/** Said by the format already, or by the number being one that JSON carries exactly. */
const FORMATS_WITHOUT_PATTERN: ReadonlySet<string> = new Set(['uuid', 'date-time', 'date', 'email'])

/** Collects what `operations` refer to. */
export function documentSchemas(registry: readonly RegistryEntry[]): DocumentSchemas {
  const shared = sharedSchemas(registry)
  const named = new Map<string, JsonSchema>()

  const write = (schema: Schema, direction: Direction): JsonSchema => {
    if (schema === true) return {}
    if (schema === false) return { not: {} }
    const { $schema: _dialect, $defs: _defs, $ref, ...rest } = schema
    const written = mapParts(tidied(rest, direction), (part) => write(part, direction))
    if ($ref === undefined) return written
    return { $ref: refTo(shared.nameOf($ref, direction)), ...written }
  }

  const declare: DocumentSchemas['declare'] = (name, schema, direction, description) => {
    const written = write(schema, direction)
    if (Object.keys(written).join() === '$ref') return written
    if (named.has(name)) throw new Error(`Two schemas of the document are called ${name}`)
    named.set(name, description === undefined ? written : { description, ...written })
    return { $ref: refTo(name) }
  }

  for (const { name, schema, direction } of shared.declared) named.set(name, write(schema, direction))
  return {
    write,
    declare,
    all: () => Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Where a named schema stands. */
export function refTo(name: string): string {
  return `#/components/schemas/${name}`
}

function tidied(schema: JsonSchema, direction: Direction): JsonSchema {
  const tidy = { ...schema }
  if (FORMATS_WITHOUT_PATTERN.has(tidy.format ?? '')) delete tidy.pattern
  if (tidy.minimum === Number.MIN_SAFE_INTEGER) delete tidy.minimum
  if (tidy.maximum === Number.MAX_SAFE_INTEGER) delete tidy.maximum
  // Answers may gain fields, and a client must not break over one it does not know.
  if (direction === 'output' && tidy.additionalProperties === false) delete tidy.additionalProperties
  if (tidy.format === 'binary') tidy.contentMediaType = 'application/octet-stream'
  return tidy
}

/** `schema` with every schema directly inside of it put through `write`. */
function mapParts(schema: JsonSchema, write: (part: Schema) => JsonSchema): JsonSchema {
  const mapped = { ...schema }
  const { items, prefixItems, properties, additionalProperties, propertyNames } = schema
  if (properties !== undefined) mapped.properties = mapValues(properties, write)
  if (items !== undefined) mapped.items = Array.isArray(items) ? items.map(write) : orFalse(items, write)
  if (prefixItems !== undefined) mapped.prefixItems = prefixItems.map(write)
  if (additionalProperties !== undefined) {
    mapped.additionalProperties = orFalse(additionalProperties, write)
  }
  if (propertyNames !== undefined) mapped.propertyNames = write(propertyNames)
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const parts = schema[key]
    if (parts !== undefined) mapped[key] = parts.map(write)
  }
  return mapped
}

function orFalse(schema: Schema, write: (part: Schema) => JsonSchema): Schema {
  return schema === false ? false : write(schema)
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
