import type { z } from 'zod'
import { VectorStoreError } from '../vector-store-error.ts'

/** Where a server is, and how it knows us. */
export interface VectorServerOptions {
  /** As people call it: `Chroma`. */
  readonly name: string
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One request. */
export interface ServerCall<Schema extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base address. */
  readonly path: string
  readonly body?: unknown
  /** What the answer has to look like. */
  readonly answer: Schema
  readonly signal: AbortSignal
}

/** A server of vectors as its drivers use it. */
export interface VectorServer {
  /**
   * Null when the server says that there is no such thing (404).
   * @throws VectorStoreError; ServerRefusal where the server does not take the request; the signal's reason
   */
  call<Schema extends z.ZodType>(call: ServerCall<Schema>): Promise<z.output<Schema> | null>
}

/** The server answered, and said no. `said` is for the log. */
export class ServerRefusal extends VectorStoreError {
  readonly status: number
  readonly said: string

  constructor(name: string, status: number, said: string) {
    super('unavailable', `${name} refused a request (${status}).`, new Error(said))
    this.status = status
    this.said = said
  }
}

/** A hundred hits are some kilobytes. */
const LARGEST_ANSWER = 4_000_000
const SAID_AT_MOST = 500

/** Speaks JSON to a server of vectors: answers are bounded and checked, redirects are not followed. */
export function createVectorServer({ name, baseUrl, headers }: VectorServerOptions): VectorServer {
  const base = baseUrl.replace(/\/+$/, '')
  return {
    async call({ method, path, body, answer, signal }) {
      const response = await send(`${base}${path}`, {
        method,
        signal,
        redirect: 'error',
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await textOf(response, signal)
      if (response.status === 404) return null
      if (response.status === 401 || response.status === 403) {
        throw new VectorStoreError('not_set_up', `${name} refuses the key, or wants one.`)
      }
      if (!response.ok) throw new ServerRefusal(name, response.status, text.slice(0, SAID_AT_MOST))
      const parsed = answer.safeParse(parseJson(text))
      if (parsed.success) return parsed.data
      throw new VectorStoreError(
        'unavailable',
        `${name} gave an answer that could not be read.`,
        parsed.error,
      )
    },
  }

  async function send(url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    try {
      return await fetch(url, init)
    } catch (error) {
      init.signal.throwIfAborted()
      throw new VectorStoreError('unavailable', `${name} cannot be reached at the moment.`, error)
    }
  }

  async function textOf(response: Response, signal: AbortSignal): Promise<string> {
    const pieces: Uint8Array[] = []
    let bytes = 0
    try {
      for await (const piece of response.body ?? []) {
        bytes += piece.length
        if (bytes > LARGEST_ANSWER) break
        pieces.push(piece)
      }
    } catch (error) {
      signal.throwIfAborted()
      throw new VectorStoreError('unavailable', `${name} broke off its answer.`, error)
    }
    if (bytes > LARGEST_ANSWER) {
      throw new VectorStoreError('unavailable', `${name} gave an answer larger than ${LARGEST_ANSWER} bytes.`)
    }
    return Buffer.concat(pieces).toString('utf8')
  }
}

/** Undefined, which no schema of an answer takes, where it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
