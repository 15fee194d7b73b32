/** Runs work, some of it at once and the rest in the order it came. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Lets at most `most` of the works given to it run at once; the others wait without a limit, so give it only work that
 * something else bounds.
 */
export function createGate(most: number): Gate {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
