/** Pings come this often when nothing else does. */
export const PING_EVERY_MS = 15_000

/** After a lost connection an `EventSource` waits for a time out of this range, so that not all come back at once. */
const RETRY_MS = { from: 500, to: 5_000 } as const

/** How long one client waits before it comes back. */
export function retryMs(): number {
  return Math.round(RETRY_MS.from + Math.random() * (RETRY_MS.to - RETRY_MS.from))
}
