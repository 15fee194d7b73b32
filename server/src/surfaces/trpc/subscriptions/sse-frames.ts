import type { StreamEvent } from '../../../contract/event-stream.ts'

/**
 * tRPC's events over SSE, as `sseStreamConsumer` of @trpc/client 11 reads them: `connected` first, data without a name,
 * `ping` so that silence means a dead connection, `serialized-error`, and `return` when there is no more to come.
 */

/** Pings come this often when nothing else does. */
export const PING_EVERY_MS = 15_000
/** A client that hears nothing for so long connects again. */
const SILENT_CLIENT_MS = 40_000
/** After a lost connection an `EventSource` waits for a time out of this range, so that not all come back at once. */
const RETRY_MS = { from: 500, to: 5_000 } as const

/** Sent when there was nothing else to send. */
export const PING = Buffer.from('event: ping\ndata: \n\n')
/** There will be no more: the client does not come back. */
export const RETURN = Buffer.from('event: return\ndata: \n\n')

const CLIENT_OPTIONS = JSON.stringify({ reconnectAfterInactivityMs: SILENT_CLIENT_MS })

/**
 * The first words of a stream. A client that loses the connection before the first event resumes after `position`.
 */
export function connected(position: string): string {
  const retry = Math.round(RETRY_MS.from + Math.random() * (RETRY_MS.to - RETRY_MS.from))
  return `event: connected\ndata: ${CLIENT_OPTIONS}\nid: ${requireId(position)}\nretry: ${retry}\n\n`
}

/** Why there is no stream, or no more of it. */
export function serializedError(shape: object): string {
  return `event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`
}

const frames = new WeakMap<StreamEvent<unknown>, Buffer>()

/** The bytes of an event, made once for all streams of the process that it goes to. */
export function frameOf(event: StreamEvent<unknown>): Buffer {
  const known = frames.get(event)
  if (known !== undefined) return known
  const frame = Buffer.from(`data: ${JSON.stringify(event.data)}\nid: ${requireId(event.id)}\n\n`)
  frames.set(event, frame)
  return frame
}

/** An empty id would clear the client's, and a line break would end the event. */
function requireId(id: string): string {
  if (!/^[\x21-\x7e]+$/.test(id)) throw new Error('The id of an event is printable ASCII without spaces.')
  return id
}
