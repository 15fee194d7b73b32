import { isAnything, isNothing, type Schema } from './resolve.ts'

const MAX_LISTED = 6

/** A schema in a few words: `text`, `Task`, `list of UserId`, `"todo"`. */
export function describe(schema: Schema): string {
  if (typeof schema === 'boolean') return schema ? 'anything' : 'nothing'
  if (schema.$ref !== undefined) return schema.$ref === '#' ? 'itself' : (schema.$ref.split('/').at(-1) ?? '')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return listed(schema.enum)
  const union = schema.anyOf ?? schema.oneOf
  if (union !== undefined) return [...new Set(union.map(describe))].join(' or ')
  if (isNothing(schema)) return 'nothing'
  if (isAnything(schema)) return 'anything'
  if (Array.isArray(schema.type)) return schema.type.join(' or ')
  switch (schema.type) {
    case 'string':
      return schema.format === undefined ? 'text' : `text (${schema.format})`
    case 'array':
      if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(describe).join(', ')}]`
      return `list of ${Array.isArray(schema.items) ? 'anything' : describe(schema.items ?? true)}`
    case 'object':
      return `object with ${Object.keys(schema.properties ?? {}).join(', ') || 'any fields'}`
    default:
      return schema.type ?? 'anything'
  }
}

/** Values as a reader writes them. */
export function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, MAX_LISTED).map((value) => JSON.stringify(value))
  const rest = values.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}
