/**
 * Why not every value of one schema is a value of another. `from` and `to` are the two schemas' sides in words.
 *
 * - `type`: another type. - `null`: null is one, and the other has none. - `value`: a listed value that is not listed there.
 * - `variant`: a member of a union without a counterpart. - `required`: a field that may be missing, and may not there.
 * - `field`: a field that the other does not have. - `extra`: fields without a name, refused there.
 * - `bound`: a length, range or pattern. - `format`: a date, a UUID. - `brand`: the name of a type.
 * - `default`: what a field left out means. - `readonly`: a list that may not be changed.
 * - `rule`: something that cannot be compared, and is not the same.
 */
export type GapKind =
  | 'type'
  | 'null'
  | 'value'
  | 'variant'
  | 'required'
  | 'field'
  | 'extra'
  | 'bound'
  | 'format'
  | 'brand'
  | 'default'
  | 'readonly'
  | 'rule'

/** One reason, at one place. */
export interface Gap {
  readonly kind: GapKind
  /** Dotted, `[]` for the items of a list, `{}` for the values of a record; empty for the schema itself. */
  readonly at: string
  readonly from: string
  readonly to: string
}

/** The place of `name` below `at`. */
export function below(at: string, name: string): string {
  if (at === '') return name
  return name.startsWith('[') || name.startsWith('{') ? `${at}${name}` : `${at}.${name}`
}
