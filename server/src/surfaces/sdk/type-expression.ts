import type { JsonSchema } from '../../contract/json-schema.ts'
import { docComment } from './doc-comment.ts'
import { propertyKey, quoted } from './names.ts'

/** Whether a caller sends it or gets it. */
export type Direction = 'input' | 'output'

/** Where a schema is printed. */
export interface PrintScope {
  readonly direction: Direction
  /** The name to print for a `$ref`. */
  readonly nameOf: (ref: string) => string
}

type Schema = JsonSchema | boolean

/**
 * The TypeScript type of a JSON Schema 2020-12 as `contract/json-schema.ts` writes it. Constraints that types cannot
 * say (lengths, patterns, ranges) are left to the server.
 *
 * @throws when the schema has a shape that no rule covers, naming it, so that no field silently becomes `unknown`
 */
export function typeExpression(schema: Schema, scope: PrintScope, indent = ''): string {
  if (schema === true) return 'unknown'
  if (schema === false) return 'never'
  if (schema.$ref !== undefined) return scope.nameOf(schema.$ref)
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ')
  const union = schema.anyOf ?? schema.oneOf
  if (union !== undefined) return joined(union, ' | ', scope, indent)
  if (schema.allOf !== undefined) return joined(schema.allOf, ' & ', scope, indent)
  if (schema.not !== undefined) return 'never'
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => ofType({ ...schema, type }, scope, indent)).join(' | ')
  }
  return ofType(schema, scope, indent)
}

/** Whether the type is printed as `{ … }`, so that it can be an interface. */
export function isObjectShape(schema: JsonSchema): boolean {
  return schema.type === 'object' && schema.propertyNames === undefined && schema.$ref === undefined
}

function ofType(schema: JsonSchema, scope: PrintScope, indent: string): string {
  switch (schema.type) {
    case 'string':
      return stringType(schema, scope)
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return arrayType(schema, scope, indent)
    case 'object':
      return objectType(schema, scope, indent)
    default:
      return unknownType(schema)
  }
}

/** Only what says nothing at all is `unknown`; a keyword without a rule is a mistake. */
function unknownType(schema: JsonSchema): string {
  const silent = new Set(['$schema', '$defs', 'description', 'title', 'deprecated', 'default', 'examples'])
  const keyword = Object.keys(schema).find((key) => !silent.has(key))
  if (keyword === undefined) return 'unknown'
  throw new Error(
    `The SDK has no type for a schema with "${keyword}": ${JSON.stringify(schema).slice(0, 200)}`,
  )
}

function stringType(schema: JsonSchema, { direction }: PrintScope): string {
  if (schema.format === 'binary' && direction === 'input') return 'FileInput'
  const brand = schema['x-brand']
  // Callers may send any string of the right form; only what the server hands out carries the brand.
  return typeof brand === 'string' && direction === 'output' ? `Branded<${quoted(brand)}>` : 'string'
}

function arrayType(schema: JsonSchema, scope: PrintScope, indent: string): string {
  const readonly = schema.readOnly === true ? 'readonly ' : ''
  const items = Array.isArray(schema.items) ? undefined : schema.items
  if (schema.prefixItems === undefined) {
    return `${readonly}${operand(items ?? true, scope, indent)}[]`
  }
  const required = schema.minItems ?? schema.prefixItems.length
  const parts = schema.prefixItems.map((item, index) => {
    const type = typeExpression(item, scope, indent)
    return index < required ? type : `(${type} | undefined)?`
  })
  if (items !== undefined && items !== false) parts.push(`...${operand(items, scope, indent)}[]`)
  return `${readonly}[${parts.join(', ')}]`
}

function objectType(schema: JsonSchema, scope: PrintScope, indent: string): string {
  const { properties = {}, additionalProperties: rest } = schema
  const values = rest === undefined || rest === false ? undefined : rest
  if (schema.propertyNames !== undefined) return recordType(schema, scope, indent)
  const inner = `${indent}  `
  const required = new Set(schema.required ?? [])
  const lines = Object.entries(properties).map(([name, property]) => {
    const type = typeExpression(property, scope, inner)
    const key = propertyKey(name)
    // What can be anything can be undefined, and JSON drops that.
    const isThere = required.has(name) && !(type === 'unknown' && scope.direction === 'output')
    const line = isThere ? `${key}: ${type}` : `${key}?: ${optional(type)}`
    return `${docComment(propertyDoc(property, scope), inner)}${inner}${line}`
  })
  if (values !== undefined)
    lines.push(`${inner}[key: string]: ${indexValue(values, properties, scope, inner)}`)
  return lines.length === 0 ? 'Record<string, never>' : `{\n${lines.join('\n')}\n${indent}}`
}

/** An index signature must cover the named properties beside it. */
function indexValue(
  values: Schema,
  properties: Record<string, Schema>,
  scope: PrintScope,
  indent: string,
): string {
  const type = typeExpression(values, scope, indent)
  if (type === 'unknown' || Object.keys(properties).length === 0) return type
  const named = Object.values(properties).map((property) => typeExpression(property, scope, indent))
  return [...new Set([type, ...named, 'undefined'])].join(' | ')
}

function recordType(schema: JsonSchema, scope: PrintScope, indent: string): string {
  const key = typeExpression(schema.propertyNames ?? true, scope, indent)
  const rest = Array.isArray(schema.additionalProperties) ? true : (schema.additionalProperties ?? true)
  const record = `Record<${key}, ${typeExpression(rest, scope, indent)}>`
  const isPartial = key !== 'string' && schema.required === undefined
  return isPartial ? `Partial<${record}>` : record
}

function propertyDoc(schema: Schema, { direction }: PrintScope): (string | undefined)[] {
  if (typeof schema === 'boolean') return []
  return [
    schema.description,
    schema.format === 'date-time' ? '@format date-time' : undefined,
    schema.default === undefined || direction === 'output'
      ? undefined
      : `@default ${JSON.stringify(schema.default)}`,
    schema.deprecated === true ? '@deprecated' : undefined,
  ]
}

function joined(
  schemas: readonly Schema[],
  separator: ' | ' | ' & ',
  scope: PrintScope,
  indent: string,
): string {
  const print = separator === ' | ' ? typeExpression : operand
  return [...new Set(schemas.map((schema) => print(schema, scope, indent)))].join(separator)
}

/** A type that something is appended to: in parentheses where it has an operator of its own. */
function operand(schema: Schema, scope: PrintScope, indent: string): string {
  const type = typeExpression(schema, scope, indent)
  return isCompound(schema) ? `(${type})` : type
}

function optional(type: string): string {
  if (type === 'unknown') return type
  return type === 'never' ? 'undefined' : `${type} | undefined`
}

function isCompound(schema: Schema): boolean {
  if (typeof schema === 'boolean' || schema.$ref !== undefined) return false
  const members = schema.enum ?? schema.anyOf ?? schema.oneOf ?? schema.allOf ?? schema.type
  return (
    (Array.isArray(members) && members.length > 1) || (schema.type === 'array' && schema.readOnly === true)
  )
}

function literal(value: string | number | boolean | null): string {
  return typeof value === 'string' ? quoted(value) : String(value)
}
