import { until } from './until.ts'

/** One block of a stream: an event with an id, or a control message of the protocol. */
export interface SseMessage {
  /** `message` for data, `none` where there is none, else its name: `connected`, `ping`, `return`, `end`, `error`… */
  readonly event: string
  readonly id: string | undefined
  readonly data: unknown
}

/** An open stream, or the refusal of one. */
export interface SseStream extends Disposable {
  readonly status: number
  readonly headers: Headers
  /** Everything that came, in order. */
  readonly messages: readonly SseMessage[]
  /** Only the data. */
  events(): SseMessage[]
  /** Waits until so many events have come. */
  atLeast(count: number, withinMs?: number): Promise<SseMessage[]>
  /** Waits for the server to end the stream; answers in how many milliseconds it did. */
  ended(withinMs?: number): Promise<number>
  isOpen(): boolean
}

/** How a stream is opened. */
export interface SseOptions {
  readonly token?: string | undefined
  readonly lastEventId?: string
  readonly headers?: Record<string, string>
  /** Added to the query string as it is. */
  readonly search?: string
}

/** Opens a subscription over tRPC; see {@link openEventStream}. */
export function openStream(
  baseUrl: string,
  path: string,
  input: unknown,
  options: SseOptions = {},
): Promise<SseStream> {
  const search = `input=${encodeURIComponent(JSON.stringify(input))}${options.search ?? ''}`
  return openEventStream(`${baseUrl}/trpc/${path}?${search}`, options)
}

/** Opens a stream with `fetch` and reads it in the background until it ends or is disposed of. */
export async function openEventStream(
  url: string,
  options: Omit<SseOptions, 'search'> = {},
): Promise<SseStream> {
  const gone = new AbortController()
  const response = await fetch(url, {
    headers: {
      accept: 'text/event-stream',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
      ...options.headers,
    },
    signal: gone.signal,
  })
  const messages: SseMessage[] = []
  let open = true
  void read(response, messages).finally(() => {
    open = false
  })
  const events = () => messages.filter(({ event }) => event === 'message')
  return {
    status: response.status,
    headers: response.headers,
    messages,
    events,
    isOpen: () => open,
    atLeast: (count, withinMs) =>
      until(`${count} events`, () => (events().length >= count ? events() : undefined), withinMs),
    async ended(withinMs = 5_000) {
      const started = performance.now()
      await until('the end of the stream', () => (open ? undefined : true), withinMs)
      return performance.now() - started
    },
    [Symbol.dispose]: () => gone.abort(),
  }
}

async function read(response: Response, messages: SseMessage[]): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true })
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      messages.push(...blocks.flatMap(parse))
    }
  } catch {
    // Cut from either side: what came before is what counts.
  }
}

function parse(block: string): SseMessage[] {
  const lines = block.split('\n').filter((line) => line !== '')
  if (lines.length === 0) return []
  const value = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  const data = value('data')
  const unnamed = data === undefined ? 'none' : 'message'
  return [{ event: value('event') ?? unnamed, id: value('id'), data: data ? json(data) : undefined }]
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
