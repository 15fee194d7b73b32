import type { Response } from 'express'
import { type ClosedBecause, StreamClosed } from '../../../contract/event-stream.ts'
import { endWhenDraining } from '../server.ts'
import type { StreamClock, Ticking } from './stream-clock.ts'
import { PING_EVERY_MS } from './stream-times.ts'

/**
 * A client that takes nothing for so long is cut off. Until then at most Node's write buffer (64 KiB and one event) is
 * kept for it: no further event is asked for while that is full.
 */
const SLOW_READER_MS = 10_000

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const

/** In what the surfaces' streams differ beside what they say. */
export interface SseProtocol {
  /** Sent when there was nothing else to send. */
  readonly ping: Buffer
  /** The headers that decide what is answered, where any do. */
  readonly vary?: string
}

/** What a connection is made of. */
export interface SseOptions {
  readonly clock: StreamClock
  /** About how long the stream may last. */
  readonly maxAgeMs: number
  readonly protocol: SseProtocol
}

/** One stream's response. It has written nothing until {@link SseConnection.open} is called. */
export interface SseConnection {
  /** Aborts with a {@link StreamClosed} when the stream has to end early, whoever wants that. */
  readonly closed: AbortSignal
  /** Sends the head, and the first bytes if there are any. */
  open(status: number, first?: string): void
  /** Sends bytes; resolves when there is room for more, or when `closed` or `ended` aborts. */
  send(bytes: Buffer, ended: AbortSignal): Promise<void> | undefined
  /** Sends the last bytes, if any, and ends the response. */
  end(last?: Buffer | string): void
}

/** Takes over `res`. */
export function createSseConnection(res: Response, { clock, maxAgeMs, protocol }: SseOptions): SseConnection {
  const closing = new AbortController()
  // Streams that were opened in one moment must not all end in one.
  const expiresAt = performance.now() + maxAgeMs * (0.9 + Math.random() * 0.1)
  let lastWrite = 0
  let fullSince: number | undefined

  const close = (because: ClosedBecause): void => {
    if (!closing.signal.aborted) closing.abort(new StreamClosed(because))
  }
  const stream: Ticking = {
    tick(now) {
      if (fullSince !== undefined && now - fullSince > SLOW_READER_MS) {
        close('slow reader')
        res.destroy()
      } else if (now > expiresAt) {
        close('maximum age')
        end()
      } else if (fullSince === undefined && now - lastWrite >= PING_EVERY_MS) write(protocol.ping)
    },
  }
  const write = (bytes: Buffer | string): boolean => {
    lastWrite = performance.now()
    return res.write(bytes)
  }
  const end = (last?: Buffer | string): void => {
    stopTicking()
    if (res.writableEnded || res.destroyed) return
    if (last === undefined) res.end()
    else res.end(last)
  }
  let stopTicking = (): void => undefined
  res.once('close', () => {
    stopTicking()
    close('client left')
  })

  return {
    closed: closing.signal,
    open(status, first) {
      if (protocol.vary !== undefined) res.vary(protocol.vary)
      res.writeHead(status, HEADERS)
      if (first !== undefined) write(first)
      stopTicking = clock.add(stream)
      endWhenDraining(res, () => {
        close('server stopping')
        end()
      })
    },
    send(bytes, ended) {
      if (res.writableEnded || res.destroyed) return undefined
      if (write(bytes)) return undefined
      fullSince = performance.now()
      return drained(res, ended).then(() => {
        fullSince = undefined
      })
    },
    end,
  }
}

function drained(res: Response, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done)
      ended.removeEventListener('abort', done)
      resolve()
    }
    res.once('drain', done)
    ended.addEventListener('abort', done, { once: true })
    if (ended.aborted) done()
  })
}
