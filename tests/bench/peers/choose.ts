/**
 * The names of a comma-separated option, in the order of `known`; all when it was not given.
 * @throws Error that lists what there is
 */
export function choose<Name extends string>(
  option: string,
  given: string | undefined,
  known: readonly Name[],
): Name[] {
  if (given === undefined) return [...known]
  const wanted = given.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !known.some((one) => one === name))
  if (unknown.length > 0)
    throw new Error(`--${option}: there is no "${unknown.join('", "')}". Use: ${known.join(', ')}.`)
  return known.filter((name) => wanted.includes(name))
}
