import { callHandler } from './call-handler.ts'
import type { ContractNotice } from './contract-notice.ts'
import type { ClientOptions, UploadProgress } from './options.ts'
import { FetchFailed, fromWire, isWireError, UnexpectedAnswer } from './to-plinth-error.ts'
import { type CallContext, headersOf, trpcUrl, withCookies } from './transport.ts'
import { formOf } from './upload-form.ts'
import { pageRequest, type Received, type Sending, sendByPage } from './upload-page.ts'

/** One try at an upload. */
export interface UploadTry {
  readonly path: string
  readonly input: unknown
  readonly context: CallContext
  readonly signal: AbortSignal
  readonly onProgress: ((progress: UploadProgress) => void) | undefined
}

/** Sends a call with a file; resolves with its answer. */
export type Uploader = (call: UploadTry) => Promise<unknown>

/** Uploads by XMLHttpRequest where there is one, because only it tells a page how far it is; elsewhere by `fetch`. */
export function createUploader(options: ClientOptions, notice: ContractNotice): Uploader {
  const base = `${trpcUrl(options)}/`
  return async ({ path, input, context, signal, onProgress }) => {
    const form = formOf(input)
    const headers = { ...(await headersOf(options, context)), 'content-type': form.type }
    const { fileBytes: total } = form
    const tell = (bytes: number): void => {
      const sent = Math.min(total, Math.max(0, bytes - form.before))
      callHandler(() => onProgress?.({ sent, total }))
    }
    const onSent = onProgress === undefined ? undefined : tell
    const sending: Sending = { url: base + path, form, headers, signal, onSent }
    const viaPage = options.fetch === undefined ? pageRequest() : undefined
    const received = await (viaPage === undefined
      ? byFetch(sending, options)
      : sendByPage(viaPage, sending, options.cookies === true))
    notice.read(received.headers)
    return answerIn(received, path)
  }
}

async function byFetch(
  { url, form, headers, signal, onSent }: Sending,
  options: ClientOptions,
): Promise<Received> {
  const send = options.fetch ?? globalThis.fetch
  const counted = onSent === undefined || isBrowser() ? undefined : countedStream(form.body, onSent)
  const body =
    counted === undefined ? { body: form.body } : ({ body: counted, duplex: 'half' } satisfies StreamedInit)
  const length: Record<string, string> =
    counted === undefined ? {} : { 'content-length': String(form.body.size) }
  const init = withCookies(options, { method: 'POST', headers: { ...headers, ...length }, signal, ...body })
  try {
    const response = await send(url, init)
    const text = await response.text()
    if (counted === undefined) onSent?.(form.body.size)
    return { status: response.status, headers: response.headers, text }
  } catch (error) {
    throw new FetchFailed(error)
  }
}

/** Browsers send streams over HTTP/2 alone or, some of them, as the text "[object ReadableStream]". */
function isBrowser(): boolean {
  return pageRequest() !== undefined || Reflect.has(globalThis, 'ServiceWorkerGlobalScope')
}

/** `duplex` is asked for with a stream, and not yet in the types of browsers. */
interface StreamedInit {
  readonly body: ReadableStream<Uint8Array>
  readonly duplex: 'half'
}

function countedStream(body: Blob, onSent: (bytes: number) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0
  return body.stream().pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        controller.enqueue(chunk)
        onSent(bytes)
      },
    }),
  )
}

function answerIn({ status, headers, text }: Received, path: string): unknown {
  const answer = parsed(text)
  if (typeof answer === 'object' && answer !== null) {
    if ('error' in answer && isWireError(answer.error)) throw fromWire(answer.error, path)
    if ('result' in answer && typeof answer.result === 'object' && answer.result !== null)
      return Reflect.get(answer.result, 'data')
  }
  throw new UnexpectedAnswer(status, headers.get('retry-after'))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
