import type { TRPCDefaultErrorShape } from '@trpc/server'
import type { ErrorCode, ErrorReason } from './generated/errors.ts'

/** One field of the input that the server refused. */
export interface FieldIssue {
  /** Dotted path into the input, such as `tasks.3.title`. */
  readonly field: string
  readonly message: string
  /** What was sent; left out where it may be secret. */
  readonly value?: string | number | boolean | null
}

/** The `data` of a failed answer. */
export interface WireErrorData {
  readonly code: ErrorCode
  readonly httpStatus: number
  readonly path?: string | undefined
  readonly reason?: ErrorReason | undefined
  readonly issues: FieldIssue[]
  readonly retryable: boolean
  readonly retryAfterMs?: number | undefined
  readonly traceId: string
  readonly requestId: string
}

/** A failed answer, as tRPC's own client sees it. */
export interface WireErrorShape {
  message: string
  code: TRPCDefaultErrorShape['code']
  data: WireErrorData
}
