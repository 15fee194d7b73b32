import { FetchFailed } from './to-plinth-error.ts'
import type { Form } from './upload-form.ts'

/** An upload ready to go. */
export interface Sending {
  readonly url: string
  readonly form: Form
  readonly headers: Record<string, string>
  readonly signal: AbortSignal
  /** Told how many bytes of the body have gone. */
  readonly onSent: ((bytes: number) => void) | undefined
}

/** What came back. */
export interface Received {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly text: string
}

/** What is used of the browser's XMLHttpRequest, which other platforms have no types for. */
interface PageRequest {
  readonly status: number
  readonly responseText: string
  readonly upload: { onprogress: ((event: { readonly loaded: number }) => void) | null }
  withCredentials: boolean
  onload: (() => void) | null
  onerror: (() => void) | null
  onabort: (() => void) | null
  open(method: string, url: string): void
  setRequestHeader(name: string, value: string): void
  getResponseHeader(name: string): string | null
  send(body: Blob): void
  abort(): void
}

type PageRequestClass = new () => PageRequest

/** The browser's XMLHttpRequest; undefined where there is none. */
export function pageRequest(): PageRequestClass | undefined {
  const found: unknown = Reflect.get(globalThis, 'XMLHttpRequest')
  return isClass(found) ? found : undefined
}

function isClass(value: unknown): value is PageRequestClass {
  return typeof value === 'function'
}

/** Sends by XMLHttpRequest: in a page only it tells how far an upload is. */
export function sendByPage(
  PageRequest: PageRequestClass,
  { url, form, headers, signal, onSent }: Sending,
  withCredentials: boolean,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = new PageRequest()
    const abort = (): void => request.abort()
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', abort)
      settle()
    }
    request.open('POST', url)
    request.withCredentials = withCredentials
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    if (onSent !== undefined) request.upload.onprogress = ({ loaded }) => onSent(loaded)
    request.onload = () => {
      const headers = { get: (name: string) => request.getResponseHeader(name) }
      end(() => resolve({ status: request.status, headers, text: request.responseText }))
    }
    request.onerror = () => end(() => reject(new FetchFailed(new Error('the connection broke off'))))
    request.onabort = () => end(() => reject(signal.reason))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) end(() => reject(signal.reason))
    else request.send(form.body)
  })
}
