import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** To be given to `startPlinth` as `preload`. */
export const EVENT_LOOP_PRELOAD = fileURLToPath(new URL('./event-loop-preload.ts', import.meta.url))

/** Forgets the delays of the server's event loop so far. */
export function resetEventLoop(child: ChildProcess): void {
  child.send('reset')
}

/** The longest delay of the server's event loop since the last reset, in milliseconds. */
export async function longestDelayMs(child: ChildProcess): Promise<number> {
  child.send('read')
  const [delayMs] = await once(child, 'message', { signal: AbortSignal.timeout(10_000) })
  return Number(delayMs)
}
