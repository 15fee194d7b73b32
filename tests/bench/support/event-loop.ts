import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** To be given to `startPlinth` as `preload`. */
export const EVENT_LOOP_PRELOAD = fileURLToPath(new URL('./event-loop-preload.ts', import.meta.url))

const Reading = z.object({
  /** The longest the loop was late. */
  longestDelayMs: z.number(),
  /**
   * The most processor time its thread took between two ticks. Far below the delay, the delay was not the server's
   * doing: it had to wait for a processor.
   */
  longestWorkMs: z.number(),
})

/** How an event loop did since the last reset. */
export type EventLoopReading = z.infer<typeof Reading>

/** Forgets how the server's event loop did so far. */
export function resetEventLoop(child: ChildProcess): void {
  child.send('reset')
}

/** How the server's event loop did since the last reset. */
export async function readEventLoop(child: ChildProcess): Promise<EventLoopReading> {
  child.send('read')
  const [reading] = await once(child, 'message', { signal: AbortSignal.timeout(10_000) })
  return Reading.parse(reading)
}
