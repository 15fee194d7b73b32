import type { Answer, Step } from './script.ts'

/** What goes wrong with vendors, each as an answer for a script. Nothing here waits for a time. */
export const faults = {
  /** Takes the question and never says anything. */
  silence: (): Answer => [{ end: 'hang' }],
  /** Headers, a few words, and never anything again. */
  stall: (text = 'It begins '): Answer => [{ text }, { end: 'hang' }],
  /** Ends in good order half-way through. */
  stop: (text = 'It begins '): Answer => [{ text }, { end: 'stop' }],
  /** The connection is reset half-way through: when `seen` resolves, as a reset takes back what was not read yet. */
  reset: (seen: Promise<unknown>, text = 'It begins '): Answer => [
    { text },
    { wait: seen },
    { end: 'reset' },
  ],
  /** The connection is reset before anything was said. */
  resetAtOnce: (): Answer => [{ end: 'reset' }],
  /** A text byte by byte, the next one whenever `next` resolves. */
  async *trickle(bytes: string, next: () => Promise<unknown>): AsyncIterable<Step> {
    for (const byte of Buffer.from(bytes)) {
      yield { wait: next() }
      yield { raw: Buffer.of(byte) }
    }
    yield { end: 'hang' }
  },
  /** One token as large as a book. */
  hugeToken: (bytes = 10 * 1024 * 1024): Answer => [{ text: 'x'.repeat(bytes) }],
  /** Tokens for as long as anybody listens. */
  *endless(text = 'more and more '): Iterable<Step> {
    for (;;) yield { text }
  },
  /** An event that is no JSON. */
  badJson: (): Answer => [{ text: 'It begins ' }, { raw: 'data: {"choices": [oh no}\n\n' }, { end: 'stop' }],
  /** An event cut in the middle. */
  halfJson: (): Answer => [
    { text: 'It begins ' },
    { raw: 'data: {"choices": [{"delta": {"con' },
    { end: 'stop' },
  ],
  /** What a proxy says when the server behind it is gone. */
  html: (status = 200): Answer => [
    {
      status,
      headers: { 'content-type': 'text/html' },
      body: `<!doctype html><title>${status}</title><h1>vendor-internal-host-7 is down</h1>`,
    },
  ],
  /** An answer of many megabytes in a single event. */
  huge: (bytes = 50 * 1024 * 1024): Answer => [
    { status: 200, headers: { 'content-type': 'text/event-stream' }, body: blocks(bytes) },
  ],
  /** Fields that no documentation knows, in every event. */
  unknownFields: (text: string): Answer => [
    { extra: { x_new: { deep: [1, { deeper: true }] }, obfuscation: 'abc' } },
    { text },
  ],
  tooManyRequests: (retryAfter?: string): Answer => [
    {
      status: 429,
      ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
      body: SECRET_ERROR,
    },
  ],
  status: (status: number): Answer => [{ status, body: SECRET_ERROR }],
  /** A redirect to another place. */
  redirect: (location: string): Answer => [{ status: 307, headers: { location }, body: '' }],
} as const

/** Stands in every error text of a vendor, and must never reach a user. */
export const VENDOR_SECRET = 'vendor-said-sk-Q9mX2bT7LkZ4'

const SECRET_ERROR = JSON.stringify({
  error: {
    type: 'internal',
    code: 'internal',
    status: 'INTERNAL',
    message: `${VENDOR_SECRET} at /srv/vendor/app.py:42`,
  },
})

async function* blocks(bytes: number): AsyncIterable<string> {
  const block = 'x'.repeat(64 * 1024)
  yield 'data: {"choices":[{"index":0,"delta":{"content":"'
  for (let sent = 0; sent < bytes; sent += block.length) yield block
  yield '"}}]}\n\n'
}
