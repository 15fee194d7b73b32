import type { ErrorCode } from './generated/errors.ts'
import { type ClientErrorCode, isPlinthError, PlinthError, type PlinthErrorDetails } from './plinth-error.ts'
import type { WireErrorData } from './wire-error.ts'

/** An answer that is not tRPC's: the page of a proxy, for example. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer'
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(status: number, retryAfter: string | null) {
    super(`The answer with status ${status} does not come from a Plinth server.`)
    this.status = status
    this.retryAfterMs =
      retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : undefined
  }
}

/** A request that never arrived, or whose answer did not. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed'

  constructor(cause: unknown) {
    super('The request failed on its way.', { cause })
  }
}

/** Has a request, or the reading of its answer, fail as one that went wrong on its way. @throws FetchFailed */
export async function onTheWay<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new FetchFailed(error)
  }
}

/** What a status means when a proxy answers instead of the server. */
const PROXY_STATUS: Readonly<Record<number, { code: ErrorCode | ClientErrorCode; retryable: boolean }>> = {
  413: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
  429: { code: 'TOO_MANY_REQUESTS', retryable: true },
  502: { code: 'BAD_GATEWAY', retryable: true },
  503: { code: 'SERVICE_UNAVAILABLE', retryable: true },
  504: { code: 'TIMEOUT', retryable: true },
}

/** Makes whatever a call to `path` threw the one error of this package. What is nobody else's is the program's own. */
export function toPlinthError(thrown: unknown, path: string): PlinthError {
  if (isPlinthError(thrown)) return thrown
  if (!isLinkError(thrown)) return fromCause(thrown, path)
  const { shape } = thrown
  if (isWireError(shape)) return fromWire(shape, path)
  const status = statusOf(thrown.meta)
  if (status !== undefined && !isUnexpectedAnswer(thrown.cause)) {
    return fromStatus(new UnexpectedAnswer(status, null), path)
  }
  return fromCause(thrown.cause ?? thrown, path)
}

/** What is read of a TRPCClientError. Its class comes only with all of tRPC's client, so it is known by its name. */
interface LinkError extends Error {
  readonly shape: unknown
  readonly meta?: Record<string, unknown> | undefined
}

function isLinkError(thrown: unknown): thrown is LinkError {
  return thrown instanceof Error && thrown.name === 'TRPCClientError' && 'shape' in thrown
}

/** An error for a failure that never reached the server or never came back. */
export function clientError(
  code: ClientErrorCode,
  message: string,
  path: string,
  cause?: unknown,
): PlinthError {
  const retryable = code === 'NETWORK_ERROR' || code === 'TIMEOUT'
  return new PlinthError(message, { code, path, retryable, cause })
}

/** The server's error in a parsed body or event. */
export function fromWire(
  { message, data }: { message: string; data: WireErrorData },
  path: string,
): PlinthError {
  const details: PlinthErrorDetails<ErrorCode, NonNullable<WireErrorData['reason']>> = {
    ...data,
    status: data.httpStatus,
    path: data.path ?? path,
  }
  return new PlinthError<ErrorCode | ClientErrorCode>(message, details)
}

/** Whether `value` is the server's error as it travels. */
export function isWireError(value: unknown): value is { message: string; data: WireErrorData } {
  if (typeof value !== 'object' || value === null || !('data' in value) || !('message' in value)) return false
  const { data, message } = value
  if (typeof data !== 'object' || data === null || typeof message !== 'string') return false
  return 'code' in data && typeof data.code === 'string' && 'issues' in data && Array.isArray(data.issues)
}

function isUnexpectedAnswer(cause: unknown): cause is UnexpectedAnswer {
  return cause instanceof UnexpectedAnswer
}

function fromCause(cause: unknown, path: string): PlinthError {
  if (isUnexpectedAnswer(cause)) return fromStatus(cause, path)
  if (cause instanceof FetchFailed) {
    return clientError(
      'NETWORK_ERROR',
      `The server could not be reached${innermost(cause)}.`,
      path,
      cause.cause,
    )
  }
  return clientError('CLIENT_ERROR', `${path} could not be called${innermost(cause)}.`, path, cause)
}

/** The message that says most: Node's `fetch failed` hides "connect ECONNREFUSED" in its cause. */
function innermost(thrown: unknown): string {
  let error = thrown
  while (error instanceof Error && error.cause instanceof Error && error.cause.message !== '')
    error = error.cause
  return error instanceof Error && error.message !== '' ? ` (${error.message})` : ''
}

function fromStatus(answer: UnexpectedAnswer, path: string): PlinthError {
  const { status, retryAfterMs, message } = answer
  const known = PROXY_STATUS[status] ?? { code: 'BAD_RESPONSE', retryable: false }
  return new PlinthError<ErrorCode | ClientErrorCode>(message, {
    ...known,
    status,
    path,
    retryAfterMs,
    cause: answer,
  })
}

function statusOf(meta: Record<string, unknown> | undefined): number | undefined {
  const response = meta?.response
  if (typeof response !== 'object' || response === null || !('status' in response)) return undefined
  return typeof response.status === 'number' ? response.status : undefined
}
