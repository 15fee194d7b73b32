import { isRecord } from '../records.ts'

/** A copy of `input` with `value` at `path`, the objects on the way made where there are none. */
export function withValue(
  input: Readonly<Record<string, unknown>>,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  if (rest.length === 0) return { ...input, [name]: value }
  const inner = input[name]
  return { ...input, [name]: withValue(isRecord(inner) ? inner : {}, rest, value) }
}
