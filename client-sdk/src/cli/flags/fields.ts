import {
  propertiesOf,
  requiredOf,
  resolve,
  type Schema,
  schemasIn,
  typesOf,
  withoutNull,
} from '../contract/schema.ts'
import { kebab } from '../words.ts'

/** How the text of a flag becomes a value. `json` takes any JSON, or `@file`. */
export type FieldType = 'string' | 'number' | 'integer' | 'boolean' | 'json' | 'scalar'

/** A field of a procedure's input as a flag. */
export interface Field {
  /** Without the dashes: `data.due-at`. */
  readonly flag: string
  /** Where it is in the input. */
  readonly path: readonly string[]
  readonly type: FieldType
  /** Given several times, once for each item. */
  readonly isList: boolean
  readonly isNullable: boolean
  /** Must be there; of a field inside an object that is left out, this is false. */
  readonly isRequired: boolean
  readonly choices: readonly string[]
  readonly description: string | undefined
  readonly default: unknown
  /** Is asked for, or read from `--json`, and never part of a command line, which other users of the machine can see. */
  readonly isSecret: boolean
  /** The bytes of a file. */
  readonly isFile: boolean
  readonly schema: Schema
}

const MAX_DEPTH = 4
const SECRET = /password|secret|passphrase|^(?:refresh|access)?token$/i

/** The fields of an input, nested ones after the object they are in. */
export function fieldsOf(input: Schema | undefined): Field[] {
  return input === undefined ? [] : below(resolve(input, input), input, [], true)
}

/**
 * The field that can be given without its flag: `id` where it must be there, else the only one that must and is one
 * value: `plinth tasks get <id>`, `plinth tasks list <project-id>`.
 */
export function positionalOf(fields: readonly Field[]): Field | undefined {
  const candidates = fields.filter(
    ({ isRequired, path, type, isList, isSecret, isFile }) =>
      isRequired &&
      path.length === 1 &&
      type !== 'json' &&
      type !== 'boolean' &&
      !isList &&
      !isSecret &&
      !isFile,
  )
  const id = candidates.find(({ flag }) => flag === 'id')
  if (id !== undefined) return id
  const others = fields.filter(({ isRequired, path }) => isRequired && path.length === 1)
  return others.length === 1 ? candidates[0] : undefined
}

function below(schema: Schema, root: Schema, prefix: readonly string[], isRequired: boolean): Field[] {
  const required = new Set(requiredOf(schema))
  return propertiesOf(schema).flatMap(([name, property]) => {
    const must = isRequired && required.has(name)
    const field = fieldOf([...prefix, name], property, root, must)
    const nested = prefix.length + 1 < MAX_DEPTH && !field.isList ? field.schema : {}
    return [field, ...below(nested, root, field.path, must)]
  })
}

function fieldOf(path: readonly string[], property: Schema, root: Schema, isRequired: boolean): Field {
  const resolved = resolve(property, root)
  const { schema, nullable } = withoutNull(resolved, root)
  const item = typesOf(schema)[0] === 'array' ? itemOf(schema, root) : undefined
  const itemType = item === undefined ? undefined : typeOf(item)
  const isList = itemType !== undefined && itemType !== 'json'
  const type = item === undefined ? typeOf(schema) : (itemType ?? 'json')
  const name = path.at(-1) ?? ''
  return {
    flag: path.map(kebab).join('.'),
    path,
    type,
    isList,
    isNullable: nullable,
    isRequired: isRequired && !('default' in resolved),
    choices: choicesOf(isList && item !== undefined ? item : schema),
    description: typeof resolved.description === 'string' ? resolved.description : undefined,
    default: resolved.default,
    isSecret: SECRET.test(name) && type === 'string',
    isFile: schema.format === 'binary',
    schema,
  }
}

function itemOf(schema: Schema, root: Schema): Schema {
  const { items } = schema
  return typeof items === 'object' && items !== null && !Array.isArray(items)
    ? withoutNull(resolve({ ...items }, root), root).schema
    : {}
}

function typeOf(schema: Schema): FieldType {
  const types = typesOf(schema)
  if (types.length === 1) {
    const [type] = types
    if (type === 'string' || type === 'number' || type === 'integer' || type === 'boolean') return type
    return 'json'
  }
  if (types.length > 1) return types.every(isScalar) ? 'scalar' : 'json'
  if (Array.isArray(schema.enum))
    return schema.enum.every((value) => typeof value === 'string') ? 'string' : 'scalar'
  const options = schemasIn(schema.anyOf ?? schema.oneOf)
  const scalar =
    options.length > 0 &&
    options.every((option) => typesOf(option).length > 0 && typesOf(option).every(isScalar))
  return scalar ? 'scalar' : 'json'
}

function isScalar(type: string): boolean {
  return ['string', 'number', 'integer', 'boolean', 'null'].includes(type)
}

function choicesOf(schema: Schema): string[] {
  if (Array.isArray(schema.enum)) return schema.enum.filter((value) => value !== null).map(String)
  return []
}
