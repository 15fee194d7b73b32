/**
 * Does `work` for every item, `width` at a time; answers in the order of the items. After a failure nothing new begins, and
 * it is thrown when what was under way has ended.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const waiting = items.entries()
  let failure: { readonly thrown: unknown } | undefined
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failure !== undefined) return
      try {
        results[index] = await work(item)
      } catch (thrown) {
        failure ??= { thrown }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  if (failure !== undefined) throw failure.thrown
  return results
}
