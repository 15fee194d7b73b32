import { connect } from 'node:net'

/** What came back on a socket. */
export interface RawAnswer {
  /** The status of the first answer; 0 when the server closed without one. */
  readonly status: number
  readonly text: string
  /** Whether the server closed the connection. */
  readonly closed: boolean
  readonly ms: number
}

/** How long to listen, and what to do meanwhile. */
export interface RawOptions {
  /** Stop listening after this time without the server having closed. */
  readonly withinMs?: number
  /** Stop as soon as a whole head has come. */
  readonly headOnly?: true
}

/** Sends exactly these bytes to a server and listens. Clients made for people refuse to send most of what is wrong. */
export function sendRaw(
  baseUrl: string,
  bytes: string | Buffer,
  options: RawOptions = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl)
  const started = performance.now()
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    const finish = (closed: boolean) => {
      socket.destroy()
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0)
      resolve({ status, text, closed, ms: performance.now() - started })
    }
    socket.setEncoding('latin1')
    socket.setTimeout(options.withinMs ?? 2_000, () => finish(false))
    socket.on('data', (chunk: string) => {
      text += chunk
      if (options.headOnly === true && text.includes('\r\n\r\n')) finish(false)
    })
    // A refusal that comes before the body was read may reset the rest of the sending.
    socket.on('error', () => undefined)
    socket.on('close', () => finish(true))
    socket.on('connect', () => socket.write(bytes))
  })
}

/** A request's bytes with a correct `Host`; the body gets a `Content-Length` unless the headers say otherwise. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  const named = (name: string) => headers.some((header) => header.toLowerCase().startsWith(`${name}:`))
  const length = body === '' || named('content-length') || named('transfer-encoding')
  return [
    line,
    ...(named('host') ? [] : ['Host: plinth.test']),
    ...headers,
    ...(length ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n')
}
