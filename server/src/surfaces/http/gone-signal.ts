import type { ServerResponse } from 'node:http'
import { once } from '../../contract/once.ts'

/**
 * Asks for a signal that aborts when the client goes away before its answer. Made only when somebody wants it: few calls
 * do, and a controller with its listener costs as much as finding out who calls.
 */
export function goneSignal(res: ServerResponse): () => AbortSignal {
  return once(() => {
    const gone = new AbortController()
    const left = (): void => {
      if (!res.writableEnded) gone.abort()
    }
    if (res.destroyed) left()
    else res.once('close', left)
    return gone.signal
  })
}
