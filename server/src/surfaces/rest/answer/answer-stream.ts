import { AppError } from '../../../contract/errors.ts'
import { openStream } from '../../../contract/invoke.ts'
import { normaliseError } from '../../../contract/pipeline/normalise-error.ts'
import { answerError } from '../../http/answer-error.ts'
import { httpCallContext } from '../../http/http-call-context.ts'
import { pump } from '../../http/sse/pump.ts'
import { createSseConnection } from '../../http/sse/sse-connection.ts'
import type { StreamClock } from '../../http/sse/stream-clock.ts'
import type { SurfaceOptions } from '../../http/surface-options.ts'
import { inputReader } from '../input/read-input.ts'
import type { RestRoute } from '../route.ts'
import type { AnswerOperation } from './answer-call.ts'
import { END, failure, opening, REST_PROTOCOL } from './rest-frames.ts'

/**
 * The answers of a subscription: server-sent events, or where it is refused an ordinary problem. `EventSource` resumes
 * by itself with `Last-Event-ID`; others may say `lastEventId` in the query string.
 */
export function answerStream(options: SurfaceOptions, route: RestRoute, clock: StreamClock): AnswerOperation {
  const { router, streamMaxAgeMs: maxAgeMs } = options
  const { path } = route.entry
  const read = inputReader(route)

  return async (req, res, fields) => {
    const connection = createSseConnection(res, { clock, maxAgeMs, protocol: REST_PROTOCOL })
    try {
      const context = httpCallContext(options, req, res, false)
      const readInput = () => read({ req, fields, condition: { version: undefined } })
      const events = await openStream({ router, path, readInput, context, signal: connection.closed })
      if (!connection.closed.aborted) connection.open(200, opening(events.position))
      await pump(events, connection, END)
    } catch (thrown) {
      if (connection.closed.aborted) return connection.end()
      const error = thrown instanceof AppError ? thrown : normaliseError(thrown)
      if (res.headersSent) connection.end(failure(error))
      else answerError(res, error)
    }
  }
}
