import { startTimer } from './timer.ts'
import { clientError } from './to-plinth-error.ts'

/** A signal that aborts when the caller does or the time is up, with the error to fail with as its reason. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Rejects as soon as the signal aborts, whatever `work` does then. */
  race<T>(work: Promise<T>): Promise<T>
  /** Must be called when the work is done. */
  dispose(): void
}

/** Starts a deadline for one call of `path`; one that is not finite never comes. */
export function startDeadline(path: string, timeoutMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const stopTimer = startTimer(timeoutMs, () => {
    controller.abort(clientError('TIMEOUT', `${path} took longer than ${timeoutMs} ms.`, path))
  })
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
      stopTimer()
      caller?.removeEventListener('abort', abort)
    },
  }
}
