import type { ClientWarning } from './contract-notice.ts'
import type { PlinthError } from './plinth-error.ts'
import type { StreamedEvent } from './procedures.ts'
import type { TokenStorage } from './token-storage.ts'

/** How calls are tried again. */
export interface RetryOptions {
  /** How often a call is tried in all; 6 unless told otherwise. */
  readonly attempts?: number | undefined
  /** The wait before the second try, in milliseconds; it doubles each time, with jitter. 200 unless told otherwise. */
  readonly baseDelayMs?: number | undefined
  /** The longest wait, in milliseconds; a server that asks for more ends the call. 5,000 unless told otherwise. */
  readonly maxDelayMs?: number | undefined
  /**
   * `true` waits out limits: when the server says that there were too many calls (429), the call waits for as long as it
   * asks and is tried again, however often, until `timeoutMs` is up. A number waits so many milliseconds at most each
   * time. Off unless told otherwise.
   */
  readonly waitForLimits?: boolean | number | undefined
}

/** Headers as an object, or a function that is asked before every request. */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/** What a client is made of. */
export interface ClientOptions {
  /** Where the server is, without `/trpc`: `https://api.example.com`. */
  readonly baseUrl: string
  /** Where tokens are kept between calls; in memory unless told otherwise. */
  readonly tokens?: TokenStorage | undefined
  /** Calls with this API key instead of logging in. */
  readonly apiKey?: string | undefined
  /** Keeps the refresh token in an `HttpOnly` cookie, out of the page's reach. For browsers. */
  readonly cookies?: boolean | undefined
  /** Used instead of the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Sent with every request. */
  readonly headers?: HeaderSource | undefined
  /** How long a call may take, all its tries together, in milliseconds; 30,000 unless told otherwise, `Infinity` for ever. */
  readonly timeoutMs?: number | undefined
  /** `false` tries everything once. */
  readonly retry?: RetryOptions | false | undefined
  /** `false` sends every query in a request of its own. */
  readonly batch?: boolean | undefined
  /** Called when the session is over and someone has to log in again; not after `auth.logout`. */
  readonly onSessionEnd?: ((error: PlinthError) => void) | undefined
  /**
   * Told, once, that this package and the server are of versions that do not fully fit. Without it `console.warn` is.
   */
  readonly onWarning?: ((warning: ClientWarning) => void) | undefined
}

/** What one call can be told. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** How long this call may take, all its tries together, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** `false` tries this call once. */
  readonly retry?: RetryOptions | false | undefined
  /**
   * Two mutations with the same key and input happen once, even days apart or from another process. Each call makes
   * its own key unless told otherwise.
   */
  readonly idempotencyKey?: string | undefined
}

/** How far an upload is. */
export interface UploadProgress {
  /** Bytes of the file that have been sent. It starts again at 0 when the call is tried again. */
  readonly sent: number
  /** All bytes of the file. */
  readonly total: number
}

/** What a call with a file can be told. Its time limit is ten minutes unless `timeoutMs` says otherwise. */
export interface UploadOptions extends CallOptions {
  readonly onUploadProgress?: ((progress: UploadProgress) => void) | undefined
}

/** What a stream can be told. */
export interface SubscribeOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined
  /** Starts after this event instead of with the next one; `'0'` starts with the first event kept. */
  readonly lastEventId?: string | undefined
  /** How long connecting may take before it is tried again, in milliseconds. */
  readonly timeoutMs?: number | undefined
}

/** What a stream calls. */
export interface SubscribeHandlers<Data, Failure> extends SubscribeOptions {
  /** Called for every event, in order. What a handler throws is an uncaught error; the stream goes on. */
  readonly onData: (event: StreamedEvent<Data>) => void
  /** The stream has ended by a failure that trying again does not cure. Without it the error goes to the console. */
  readonly onError?: ((error: Failure) => void) | undefined
  /** The stream is open: at first and after every reconnection. */
  readonly onStarted?: (() => void) | undefined
  /** The connection was lost, or ended by the server; it is being opened again, to go on after the last event. */
  readonly onReconnecting?: ((error: Failure | undefined) => void) | undefined
  /** The server has ended the stream. */
  readonly onComplete?: (() => void) | undefined
}
