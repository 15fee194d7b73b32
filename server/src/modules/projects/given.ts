type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

/** `data` without the fields that were not given, so that "not given" never reaches a query or an audit row. */
export function given<T extends object>(data: T): Given<T> {
  const result: Given<T> = {}
  for (const key in data) {
    const value = data[key]
    if (isGiven(value)) result[key] = value
  }
  return result
}

function isGiven<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined
}
