/** A JSON Schema, or a part of one. */
type Schema = Readonly<Record<string, unknown>>

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function resolved(schema: Schema, root: Schema): Schema {
  const ref = schema.$ref
  if (typeof ref !== 'string') return schema
  const name = ref.split('/').at(-1) ?? ''
  return ref === '#' ? root : resolved(record(record(root.$defs)[name]), root)
}

/** Whether a schema says which keys an answer has. */
export function closedShape(schema: unknown): boolean {
  const root = record(schema)
  return Object.keys(record(resolved(root, root).properties)).length > 0
}

/** Dotted paths of the keys of `value` that `schema` does not declare. */
export function keysBeyond(schema: unknown, value: unknown): string[] {
  const root = record(schema)
  const visit = (part: Schema, item: unknown, path: string): string[] => {
    const here = resolved(part, root)
    const branches = [here.anyOf, here.oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
    if (branches.length > 0) {
      const found = branches.map((branch) => visit(record(branch), item, path))
      return found.toSorted((a, b) => a.length - b.length)[0] ?? []
    }
    // Declared to be anything: the result of whatever job it was, or what an audit row changed.
    if (here.type === undefined || here.additionalProperties === true) return []
    if (Array.isArray(item)) return item.flatMap((one) => visit(record(here.items), one, `${path}[]`))
    if (typeof item !== 'object' || item === null) return []
    const properties = record(here.properties)
    return Object.entries(item).flatMap(([key, inner]) => {
      const declared = Object.hasOwn(properties, key) ? record(properties[key]) : undefined
      return declared === undefined ? [`${path}.${key}`] : visit(declared, inner, `${path}.${key}`)
    })
  }
  return visit(root, value, '')
}
