import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until the answer is not undefined. @throws Error naming `what` after `withinMs` */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await delay(20)
  }
}

/** Milliseconds `work` took, and its answer. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const started = performance.now()
  const answer = await work()
  return { ms: performance.now() - started, answer }
}
