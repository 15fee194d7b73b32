import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { isRetryableConflict, isUnavailable } from '../../platform/database/index.ts'
import { StorageError } from '../../platform/storage/index.ts'
import { AppError, type ErrorCode, errorCodes, fail } from '../errors.ts'
import { validationError } from './validate.ts'

/**
 * Turns whatever was thrown into an {@link AppError}. What is not known becomes INTERNAL_SERVER_ERROR with a generic
 * message; the original stays in `cause` for the log.
 */
export function normaliseError(thrown: unknown, input?: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof TRPCError) return fromTrpc(thrown, input)
  if (isUnavailable(thrown)) return fail('SERVICE_UNAVAILABLE', { cause: thrown, retryAfterMs: 1_000 })
  // Still colliding after all retries of the transaction.
  if (isRetryableConflict(thrown)) return fail('SERVICE_UNAVAILABLE', { cause: thrown, retryAfterMs: 100 })
  if (thrown instanceof StorageError) return fromStorage(thrown)
  if (thrown instanceof Error && thrown.name === 'AbortError')
    return fail('CLIENT_CLOSED_REQUEST', { cause: thrown })
  return fail('INTERNAL_SERVER_ERROR', { cause: thrown })
}

function fromTrpc(error: TRPCError, input: unknown): AppError {
  const { cause } = error
  if (cause instanceof AppError) return cause
  if (error.code === 'BAD_REQUEST' && cause instanceof z.core.$ZodError) return validationError(cause, input)
  if (cause !== undefined && error.code === 'INTERNAL_SERVER_ERROR') return normaliseError(cause, input)
  if (error.code === 'PARSE_ERROR')
    return fail('BAD_REQUEST', { message: 'The body is not valid JSON.', cause })
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL_SERVER_ERROR'
  // tRPC's own texts can quote library internals; only those of plain client mistakes are worth passing on.
  return code === 'BAD_REQUEST' && cause === undefined
    ? fail(code, { message: error.message })
    : fail(code, { cause: error })
}

function fromStorage(error: StorageError): AppError {
  if (error.failure === 'too_large') return fail('PAYLOAD_TOO_LARGE', { cause: error })
  // A row said that it was there.
  if (error.failure === 'missing') return fail('INTERNAL_SERVER_ERROR', { cause: error })
  return fail('SERVICE_UNAVAILABLE', {
    message: 'Files cannot be kept or read right now; try again shortly.',
    cause: error,
    retryAfterMs: error.failure === 'full' ? 30_000 : 2_000,
  })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}

/** The error as tRPC carries it; its `cause` is always the {@link AppError}. */
export function toTrpcError(thrown: unknown, input?: unknown): TRPCError {
  const error = normaliseError(thrown, input)
  return new TRPCError({ code: error.code, message: error.message, cause: error })
}
