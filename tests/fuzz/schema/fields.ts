import type { JsonSchema } from '../../../server/src/contract/json-schema.ts'

/** A part of a JSON Schema. */
export type SchemaPart = Readonly<Record<string, unknown>>

/** Where something is in an input: `['tasks', 0, 'title']`. */
export type Path = readonly (string | number)[]

/** A place in an input that takes a plain value. */
export interface InputField {
  readonly path: Path
  /** As errors name it: `tasks.0.title`. */
  readonly name: string
  /** `text` is a string of any form; `formed` has a format, a pattern of ids, or a list of values; `any` is undeclared. */
  readonly kind: 'text' | 'formed' | 'number' | 'boolean' | 'list' | 'any'
  /** Whether it has to be there. */
  readonly required: boolean
  readonly nullable: boolean
  readonly schema: SchemaPart
}

/** Every plain field an input schema has, however deep; of arrays the first item stands for all. */
export function fieldsOf(schema: JsonSchema | null): InputField[] {
  if (schema === null) return []
  const root = record(schema)
  const visit = (given: SchemaPart, path: Path, required = true, nullable = false): InputField[] => {
    const part = resolved(given, root)
    const branches = branchesOf(part)
    if (branches !== undefined) {
      const takesNull = nullable || branches.some((one) => resolved(one, root).type === 'null')
      const found = branches.flatMap((one) => visit(one, path, required, takesNull))
      return [...new Map(found.map((field) => [field.name, field])).values()]
    }
    if (part.type === 'object') {
      const needed = requiredOf(part)
      return Object.entries(record(part.properties)).flatMap(([key, inner]) =>
        visit(record(inner), [...path, key], needed.includes(key)),
      )
    }
    const field = (kind: InputField['kind']): InputField => ({
      ...{ path, name: path.join('.'), kind, required, nullable, schema: part },
    })
    if (part.type === 'array') return [field('list'), ...visit(record(part.items), [...path, 0])]
    if (part.type === 'null' || path.length === 0) return []
    if (part.type === 'number' || part.type === 'integer') return [field('number')]
    if (part.type === 'boolean') return [field('boolean')]
    if (part.type === undefined && part.enum === undefined && part.const === undefined) return [field('any')]
    const formed = part.enum !== undefined || ['uuid', 'date-time'].includes(String(part.format))
    return [field(formed ? 'formed' : 'text')]
  }
  // A file is no value of JSON.
  return visit(root, []).filter((one) => one.schema.format !== 'binary')
}

/** The alternatives of a schema that has some. */
export function branchesOf(part: SchemaPart): SchemaPart[] | undefined {
  return [part.anyOf, part.oneOf, part.allOf].find(Array.isArray)?.map(record)
}

/** The keys an object has to have. */
export function requiredOf(part: SchemaPart): readonly unknown[] {
  return Array.isArray(part.required) ? part.required : []
}

/** A copy of `input` with `value` at `path`; what is missing on the way is made. */
export function withValue(input: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof key === 'number') {
    const list = Array.isArray(input) ? [...input] : []
    list[key] = withValue(list[key], rest, value)
    return list
  }
  const from = typeof input === 'object' && input !== null ? input : {}
  return { ...from, [key]: withValue(Reflect.get(from, key), rest, value) }
}

/** What is at `path`. */
export function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}

/** `value` as an object with names, or an empty one. */
export function record(value: unknown): SchemaPart {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** What a `$ref` stands for. */
export function resolved(part: SchemaPart, root: SchemaPart): SchemaPart {
  const ref = part.$ref
  if (typeof ref !== 'string') return part
  return resolved(record(record(root.$defs)[ref.split('/').at(-1) ?? '']), root)
}
