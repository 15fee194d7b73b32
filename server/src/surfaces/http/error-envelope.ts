import { errorData } from '../../contract/error-shape.ts'
import type { AppError } from '../../contract/errors.ts'
import type { Surface } from '../../platform/request-context.ts'
import { PROBLEM_JSON, problemOf } from './problem.ts'

/** JSON-RPC's code for "the server says no" (https://www.jsonrpc.org/specification#error_object). */
const JSON_RPC_SERVER_ERROR = -32_000

/** An error as it is written. */
export interface ErrorEnvelope {
  readonly contentType: string
  readonly body: object
}

/**
 * The one place that decides how an error that is the whole answer looks, by the way the request came in: a problem
 * document over REST, tRPC's envelope everywhere else, which over MCP is made a JSON-RPC answer to no message in
 * particular.
 * @param traceId where there is no request context yet
 */
export function errorEnvelope(surface: Surface, error: AppError, traceId?: string): ErrorEnvelope {
  if (surface === 'rest') return { contentType: PROBLEM_JSON, body: problemOf(error, traceId) }
  const data = errorData(error, undefined)
  const ids = traceId === undefined ? {} : { traceId, requestId: traceId }
  const rpc = surface === 'mcp' ? { jsonrpc: '2.0', id: null } : {}
  return {
    contentType: 'application/json; charset=utf-8',
    body: {
      ...rpc,
      error: { message: error.message, code: JSON_RPC_SERVER_ERROR, data: { ...data, ...ids } },
    },
  }
}
