import { sleep } from './retry.ts'

/**
 * Calls `listener` when the browser loses or regains its network; elsewhere never. A connection that was open then may
 * look so for minutes. @returns stops listening
 */
export function onNetwork(event: 'online' | 'offline', listener: () => void): () => void {
  const page: unknown = globalThis
  if (!(page instanceof EventTarget)) return () => undefined
  page.addEventListener(event, listener)
  return () => page.removeEventListener(event, listener)
}

/** Waits for `ms`, but no longer than until the network is back or `signal` is aborted. Does not fail. */
export async function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  const back = new AbortController()
  const stop = onNetwork('online', () => back.abort())
  try {
    await sleep(ms, AbortSignal.any([signal, back.signal])).catch(() => undefined)
  } finally {
    stop()
  }
}
