import { requireId } from '../../http/sse/event-frames.ts'
import type { SseProtocol } from '../../http/sse/sse-connection.ts'
import { retryMs } from '../../http/sse/stream-times.ts'

/**
 * tRPC's events over SSE, as `sseStreamConsumer` of @trpc/client 11 reads them: `connected` first, data without a name,
 * `ping` so that silence means a dead connection, `serialized-error`, and `return` when there is no more to come.
 */

/** A client that hears nothing for so long connects again. */
const SILENT_CLIENT_MS = 40_000

/** Pings of tRPC, whose answers depend on headers of its own. */
export const TRPC_PROTOCOL: SseProtocol = {
  ping: Buffer.from('event: ping\ndata: \n\n'),
  vary: 'trpc-accept, accept',
}
/** There will be no more: the client does not come back. */
export const RETURN = Buffer.from('event: return\ndata: \n\n')

const CLIENT_OPTIONS = JSON.stringify({ reconnectAfterInactivityMs: SILENT_CLIENT_MS })

/**
 * The first words of a stream. A client that loses the connection before the first event resumes after `position`.
 */
export function connected(position: string): string {
  return `event: connected\ndata: ${CLIENT_OPTIONS}\nid: ${requireId(position)}\nretry: ${retryMs()}\n\n`
}

/** Why there is no stream, or no more of it. */
export function serializedError(shape: object): string {
  return `event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`
}
