import type { AppError } from '../../../contract/errors.ts'
import { problemOf } from '../../http/problem.ts'
import { requireId } from '../../http/sse/event-frames.ts'
import type { SseProtocol } from '../../http/sse/sse-connection.ts'
import { retryMs } from '../../http/sse/stream-times.ts'

/**
 * Server-sent events as any `EventSource` reads them: data with ids and without a name, comments so that silence means a
 * dead connection, and one last event that says why there is no more: `end` or `error`.
 */
export const REST_PROTOCOL: SseProtocol = { ping: Buffer.from(': ping\n\n') }

/** There will be no more. An `EventSource` has to be closed on it, or it comes back. */
export const END = Buffer.from('event: end\ndata: {}\n\n')

/** The first words of a stream: a client that loses the connection before the first event resumes after `position`. */
export function opening(position: string): string {
  return `id: ${requireId(position)}\nretry: ${retryMs()}\n\n`
}

/** Why there is no more of a stream although there would be. */
export function failure(error: AppError): string {
  return `event: error\ndata: ${JSON.stringify(problemOf(error))}\n\n`
}
