import type { ContractNotice } from './contract-notice.ts'
import { type FrameSink, readFrames } from './event-frames.ts'
import type { ClientOptions } from './options.ts'
import { errorInStream } from './stream-error.ts'
import { startTimer } from './timer.ts'
import { FetchFailed, fromWire, isWireError, onTheWay, UnexpectedAnswer } from './to-plinth-error.ts'
import { headersOf, trpcUrl, withCookies } from './transport.ts'

/** One request for a stream's events; aborting its signal hangs up. */
export interface EventsRequest extends FrameSink {
  readonly input: unknown
  readonly token: string | undefined
}

/**
 * Reads a stream until the server says that there is no more.
 * @throws PlinthError, or what `toPlinthError` makes one of, when the stream was refused, failed or broke off
 */
export type EventReader = (request: EventsRequest) => Promise<void>

/**
 * Reads what tRPC's `httpSubscriptionLink` reads (`connected`, events, `ping`, `serialized-error`, `return`), by `fetch`:
 * it tells a refusal from a lost connection, and leaves it to its caller when and with which token to come back.
 */
export function createEventReader(options: ClientOptions, notice: ContractNotice): EventReader {
  return async (request) => {
    const response = await ask(options, request)
    notice.read(response.headers)
    const { status, headers, body } = response
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
    if (status !== 200 || !isStream) throw await refusalIn(response, request.path)
    if (typeof body?.getReader !== 'function') {
      throw new TypeError('fetch gave an answer that cannot be read as a stream: use one that can')
    }
    const position = headers.get('x-stream-position')
    if (position !== null && !request.signal.aborted) request.onOpened(position)
    await readEvents(body.getReader(), request)
  }
}

async function ask(options: ClientOptions, { path, input, token, signal }: EventsRequest): Promise<Response> {
  const send = options.fetch ?? globalThis.fetch
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  const url = absolute(`${trpcUrl(options)}/${path}${query}`)
  const headers = { ...(await headersOf(options, { token })), accept: 'text/event-stream' }
  return await onTheWay(send(url, withCookies(options, { headers, signal, cache: 'no-store' })))
}

/** Fails for a URL that is none, which `fetch` does not tell from a server that is away. @throws TypeError */
function absolute(url: string): URL {
  const page: unknown = Reflect.get(globalThis, 'document')
  const base: unknown = typeof page === 'object' && page !== null ? Reflect.get(page, 'baseURI') : undefined
  return new URL(url, typeof base === 'string' ? base : undefined)
}

async function refusalIn(response: Response, path: string): Promise<Error> {
  const { status, headers } = response
  const error = status === 200 ? undefined : errorInStream(await onTheWay(response.text()))
  return isWireError(error) ? fromWire(error, path) : new UnexpectedAnswer(status, headers.get('retry-after'))
}

/** Reads until `return`. Nothing heard for as long as the server promised to speak is a lost connection. */
async function readEvents(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  request: EventsRequest,
): Promise<void> {
  const { signal } = request
  const frames = readFrames(request)
  const decoder = new TextDecoder()
  const hangUp = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', hangUp, { once: true })
  try {
    while (!frames.isOver() && !signal.aborted) {
      const silentMs = frames.silentMs()
      let lost = 'the connection broke off'
      const stopTimer = startTimer(silentMs, () => {
        lost = `nothing came for ${silentMs} ms`
        hangUp()
      })
      const { done, value } = await onTheWay(reader.read()).finally(stopTimer)
      if (done) throw new FetchFailed(new Error(lost))
      frames.feed(decoder.decode(value, { stream: true }))
    }
  } finally {
    signal.removeEventListener('abort', hangUp)
    hangUp()
  }
}
