import { clientError } from './to-plinth-error.ts'

/** A signal that aborts when the caller does or the time is up, with the error to fail with as its reason. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Rejects as soon as the signal aborts, whatever `work` does then. */
  race<T>(work: Promise<T>): Promise<T>
  /** Must be called when the work is done. */
  dispose(): void
}

/** Starts a deadline for one call of `path`. */
export function startDeadline(path: string, timeoutMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(clientError('TIMEOUT', `${path} took longer than ${timeoutMs} ms.`, path))
  }, timeoutMs)
  const abort = (): void =>
    controller.abort(clientError('ABORTED', `${path} was aborted.`, path, caller?.reason))
  if (caller?.aborted === true) abort()
  else caller?.addEventListener('abort', abort, { once: true })
  const { signal } = controller
  return {
    signal,
    race: (work) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(signal.reason)
        signal.addEventListener('abort', fail, { once: true })
        if (signal.aborted) fail()
        work.then(resolve, reject).finally(() => signal.removeEventListener('abort', fail))
      }),
    dispose() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', abort)
    },
  }
}
