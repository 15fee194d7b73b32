import type { JsonSchema } from '../../server/src/contract/json-schema.ts'

/** A place in an input that takes a plain value. */
export interface InputField {
  /** `['tasks', 0, 'title']` */
  readonly path: readonly (string | number)[]
  /** As errors name it: `tasks.0.title`. */
  readonly name: string
  /** `text` is a string of any form; `formed` has a format, a pattern of ids, or a list of values. */
  readonly kind: 'text' | 'formed' | 'number' | 'boolean' | 'list'
  /** Whether it has to be there. */
  readonly required: boolean
}

type Part = Readonly<Record<string, unknown>>

/** Every plain field an input schema has, however deep; of arrays the first item stands for all. */
export function fieldsOf(schema: JsonSchema | null): InputField[] {
  if (schema === null) return []
  const root = record(schema)
  const visit = (given: Part, path: readonly (string | number)[], required = true): InputField[] => {
    const part = resolved(given, root)
    const alternatives = [part.anyOf, part.oneOf, part.allOf].find(Array.isArray)
    if (alternatives !== undefined) {
      const found = alternatives.flatMap((one) => visit(record(one), path, required))
      return [...new Map(found.map((field) => [field.name, field])).values()]
    }
    if (part.type === 'object') {
      const needed = Array.isArray(part.required) ? part.required : []
      return Object.entries(record(part.properties)).flatMap(([key, inner]) =>
        visit(record(inner), [...path, key], needed.includes(key)),
      )
    }
    const field = (kind: InputField['kind']): InputField => ({
      path,
      name: path.join('.'),
      kind,
      required,
    })
    if (part.type === 'array') return [field('list'), ...visit(record(part.items), [...path, 0])]
    if (part.type === 'null' || path.length === 0) return []
    if (part.type === 'number' || part.type === 'integer') return [field('number')]
    if (part.type === 'boolean') return [field('boolean')]
    const formed = part.enum !== undefined || ['uuid', 'date-time'].includes(String(part.format))
    return [field(formed ? 'formed' : 'text')]
  }
  return visit(root, [])
}

/** A copy of `input` with `value` at `path`; what is missing on the way is made. */
export function withValue(input: unknown, path: readonly (string | number)[], value: unknown): unknown {
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
export function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}

function record(value: unknown): Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function resolved(part: Part, root: Part): Part {
  const ref = part.$ref
  if (typeof ref !== 'string') return part
  return resolved(record(record(root.$defs)[ref.split('/').at(-1) ?? '']), root)
}
