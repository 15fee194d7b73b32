import type { Response } from 'express'
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
export function answerRefusal(res: Response, refusal: RefusedMessage): void {
  const { rpcCode, error, id = null } = refusal
  const data = errorData(error, undefined)
  if (error.retryAfterMs !== undefined) res.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1_000))
  res
    .status(data.httpStatus)
    .json({ jsonrpc: '2.0', id, error: { code: rpcCode, message: error.message, data } })
}
