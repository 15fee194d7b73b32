import { leakOf } from '../../support/leak.ts'

/** One request as a client saw it end. */
export interface Attempt {
  /** Milliseconds since 1970 when it began and ended. */
  readonly from: number
  readonly to: number
  /** `cut`: no answer came. */
  readonly status: number | 'cut'
  readonly path: string
}

/** Watches everything that passes between clients and the server. */
export interface Observer {
  /** For the `fetch` option of clients. */
  readonly fetch: typeof globalThis.fetch
  readonly attempts: readonly Attempt[]
  /** Answers that should not have been given, whatever was broken at the time. */
  readonly wrongAnswers: readonly string[]
}

const MAX_KEPT = 50
const SERVER_ERRORS_OF_A_FAULT = new Set([503, 504])

/** Begins to watch. */
export function createObserver(): Observer {
  const attempts: Attempt[] = []
  const wrongAnswers: string[] = []
  const complain = (text: string): void => {
    if (wrongAnswers.length < MAX_KEPT) wrongAnswers.push(text)
  }
  return {
    attempts,
    wrongAnswers,
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input)
      const path = new URL(url).pathname.replace('/trpc/', '')
      const from = Date.now()
      const ended = (status: number | 'cut'): void =>
        void attempts.push({ from, to: Date.now(), status, path })
      try {
        const answer = await globalThis.fetch(input, init)
        if (isStream(answer)) {
          if (answer.status === 200) return answer
        }
        const text = await answer.text()
        ended(answer.status)
        const wrong = whatIsWrong(answer, text, path)
        if (wrong !== undefined) complain(`${path}: ${answer.status} ${wrong}: ${text.slice(0, 300)}`)
        const { status, statusText, headers } = answer
        return new Response(text, { status, statusText, headers })
      } catch (error) {
        if (init?.signal?.aborted !== true) ended('cut')
        throw error
      }
    },
  }
}

function isStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') === true
}

/** Why this answer must not be given even while something is broken; undefined for a good one. */
function whatIsWrong(answer: Response, text: string, path: string): string | undefined {
  const { status, headers } = answer
  if (status >= 500 && !SERVER_ERRORS_OF_A_FAULT.has(status)) return 'is no answer to a fault'
  if (status >= 500 && headers.get('retry-after') === null) return 'does not say when to try again'
  const leak = leakOf(text, path.startsWith('auth.') ? { tokens: true } : {})
  if (leak !== undefined) return `shows "${leak}"`
  // The balancer's own, when nobody took the connection.
  if (status === 503 && text === '') return undefined
  if (isStream(answer))
    return text.includes('event: serialized-error') ? undefined : 'is a stream without a reason'
  const body = parsed(text)
  const expected = status === 200 ? 'result' : 'error'
  if (typeof body !== 'object' || body === null) return 'is not JSON'
  if (
    ![body].flat().every((part: unknown) => typeof part === 'object' && part !== null && expected in part)
  ) {
    return `has no ${expected}`
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
