import type { Runtime } from './call.ts'
import type { SubscribeOptions } from './options.ts'
import type { PlinthError } from './plinth-error.ts'
import type { StreamedEvent } from './procedures.ts'
import { openStream } from './stream.ts'

type Events = AsyncIterableIterator<StreamedEvent<unknown>, undefined, undefined>

/** A loop that falls this many events behind disconnects, and resumes when it has caught up. */
const MAX_WAITING = 1_000

/** The events of a stream for `for await`. An abort ends the loop without an error. */
export function iterateStream(
  runtime: Runtime,
  path: string,
  input: unknown,
  options: SubscribeOptions,
): Events {
  const waiting: StreamedEvent<unknown>[] = []
  let failure: PlinthError | undefined
  let ended = false
  let readers: (() => void)[] = []
  let drained: (() => void) | undefined

  const wake = (): void => {
    const woken = readers
    readers = []
    for (const reader of woken) reader()
  }
  const end = (error?: PlinthError): void => {
    options.signal?.removeEventListener('abort', abort)
    ended = true
    failure = error
    wake()
  }
  const abort = (): void => end()
  const stream = openStream(
    runtime,
    path,
    input,
    {
      onStarted() {},
      onEvent(event) {
        waiting.push(event)
        if (waiting.length >= MAX_WAITING) stream.pause()
        wake()
      },
      onError: end,
      onComplete: () => end(),
      ready: () =>
        new Promise((resolve) => {
          drained = resolve
          if (waiting.length === 0) resolve()
        }),
    },
    options,
  )
  if (options.signal?.aborted === true) end()
  else options.signal?.addEventListener('abort', abort, { once: true })

  const stop = (): void => {
    stream.close()
    drained?.()
    waiting.length = 0
    end()
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          readers.push(resolve)
          drained?.()
        })
      }
      const event = waiting.shift()
      if (event !== undefined) return { done: false, value: event }
      const error = failure
      stop()
      if (error !== undefined) throw error
      return { done: true, value: undefined }
    },
    async return() {
      stop()
      return { done: true, value: undefined }
    },
  }
}
