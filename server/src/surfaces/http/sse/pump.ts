import type { EventStream } from '../../../contract/event-stream.ts'
import { frameOf } from './event-frames.ts'
import type { SseConnection } from './sse-connection.ts'

/**
 * Writes events as fast as the client takes them, and `last` when there will be no more.
 * @throws AppError why the stream ended although there would be more
 */
export async function pump(stream: EventStream, connection: SseConnection, last: Buffer): Promise<void> {
  for await (const event of stream.events) {
    // Not told any more; why it ended is what comes next.
    if (stream.ended.aborted) continue
    const room = connection.send(frameOf(event), stream.ended)
    if (room !== undefined) await room
  }
  connection.end(connection.closed.aborted ? undefined : last)
}
