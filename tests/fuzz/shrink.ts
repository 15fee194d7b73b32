/** Attempts at a smaller input; each is a call. */
const MOST_ATTEMPTS = 60

/** The smallest input found for which `fails` still holds: keys left out, texts and lists halved, one at a time. */
export async function shrink(
  input: unknown,
  fails: (smaller: unknown) => Promise<boolean>,
): Promise<unknown> {
  let best = input
  let left = MOST_ATTEMPTS
  for (let improved = true; improved && left > 0; ) {
    improved = false
    for (const candidate of smaller(best)) {
      if (left === 0) break
      left -= 1
      if (!(await fails(candidate))) continue
      best = candidate
      improved = true
      break
    }
  }
  return best
}

function* smaller(value: unknown): Generator<unknown> {
  if (typeof value === 'string') {
    const half = Math.floor(value.length / 2)
    if (half > 0) yield* [value.slice(0, half), value.slice(half)]
    return
  }
  if (typeof value !== 'object' || value === null || value instanceof File) return
  if (Array.isArray(value)) {
    const half = Math.floor(value.length / 2)
    if (half > 0) yield* [value.slice(0, half), value.slice(half)]
    for (const [index, item] of value.entries()) {
      for (const one of smaller(item)) yield value.with(index, one)
    }
    return
  }
  const entries = Object.entries(value)
  for (const [key] of entries) yield Object.fromEntries(entries.filter(([name]) => name !== key))
  for (const [key, item] of entries) {
    for (const one of smaller(item)) {
      yield Object.fromEntries(entries.map(([name, old]) => [name, name === key ? one : old]))
    }
  }
}
