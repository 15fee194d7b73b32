import type { Response as ServerResponse } from 'express'
import { errorData } from '../../contract/error-shape.ts'
import type { AppError } from '../../contract/errors.ts'

/** JSON-RPC's codes for messages that are none (https://www.jsonrpc.org/specification#error_object). */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  unknownMethod: -32_601,
  invalidParams: -32_602,
  refused: -32_000,
} as const

/** What identifies a request among those of its client. */
export type MessageId = string | number

/** A message that no MCP server gets to see. */
export class RefusedMessage extends Error {
  override readonly name = 'RefusedMessage'
  readonly rpcCode: number
  readonly error: AppError
  readonly id: MessageId | undefined

  constructor(rpcCode: number, error: AppError, id?: MessageId) {
    super(error.message)
    this.rpcCode = rpcCode
    this.error = error
    this.id = id
  }
}

/** Sends a refusal: a JSON-RPC error whose `data` is that of all surfaces, with the HTTP status that belongs to it. */
export function answerRefusal(res: ServerResponse, refusal: RefusedMessage): void {
  const { status, headers, body } = written(refusal)
  res.status(status).set(headers).json(body)
}

/** The same, where the library wants the response. */
export function refusalResponse(refusal: RefusedMessage): Response {
  const { status, headers, body } = written(refusal)
  return Response.json(body, { status, headers })
}

function written(refusal: RefusedMessage) {
  const { rpcCode, error, id = null } = refusal
  const data = errorData(error, undefined)
  const { retryAfterMs } = error
  return {
    status: data.httpStatus,
    headers: retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) },
    body: { jsonrpc: '2.0', id, error: { code: rpcCode, message: error.message, data } },
  }
}
