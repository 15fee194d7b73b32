import type { JsonSchema } from '../../../contract/json-schema.ts'
import { below } from './gap.ts'
import { membersOf, resolve, type Schema, type Side, sharedName } from './resolve.ts'

/**
 * The fields that a schema had and has not any more, also optional ones: code that names them no longer compiles, and
 * what they did is gone. Of unions, a field is gone when no member has it.
 */
export function removedFields(
  was: JsonSchema,
  is: JsonSchema,
  {
    fromTypes = {},
    toTypes = {},
  }: { readonly fromTypes?: Side['types']; readonly toTypes?: Side['types'] } = {},
): string[] {
  const [before, now]: [Side, Side] = [
    { root: was, types: fromTypes },
    { root: is, types: toTypes },
  ]
  const seen = new Set<JsonSchema>()
  const visit = (one: Schema, others: readonly Schema[], at: string): string[] => {
    const shared = sharedName(one, before)
    if (shared !== undefined && others.some((other) => sharedName(other, now) === shared)) return []
    return membersOf(one, before).flatMap((member) => {
      const left = resolve(member, before)
      if (seen.has(left)) return []
      seen.add(left)
      const right = others.flatMap((other) => membersOf(other, now)).map((other) => resolve(other, now))
      const items = right.flatMap((other) =>
        other.items === undefined || Array.isArray(other.items) ? [] : [other.items],
      )
      const list =
        left.items === undefined || Array.isArray(left.items) || items.length === 0
          ? []
          : visit(left.items, items, below(at, '[]'))
      const objects = right.filter(({ type }) => type === 'object')
      if (left.type !== 'object' || objects.length === 0) return list
      const fields = Object.entries(left.properties ?? {}).flatMap(([name, field]) => {
        const counterparts = objects.flatMap(({ properties }): Schema[] => {
          const found = properties?.[name]
          return found === undefined ? [] : [found]
        })
        return counterparts.length === 0 ? [below(at, name)] : visit(field, counterparts, below(at, name))
      })
      return [...list, ...fields]
    })
  }
  return [...new Set(visit(was, [is], ''))]
}
