import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 10

/** Waits until `look` answers something, and fails with what was waited for after `limitMs`. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`Waited ${limitMs} ms for ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}
