import type { StreamEvent } from '../../../contract/event-stream.ts'

const frames = new WeakMap<StreamEvent<unknown>, Buffer>()

/** The bytes of an event, made once for all streams of the process that it goes to, over whichever surface. */
export function frameOf(event: StreamEvent<unknown>): Buffer {
  const known = frames.get(event)
  if (known !== undefined) return known
  const frame = Buffer.from(`data: ${JSON.stringify(event.data)}\nid: ${requireId(event.id)}\n\n`)
  frames.set(event, frame)
  return frame
}

/** An empty id would clear the client's, and a line break would end the event. */
export function requireId(id: string): string {
  if (!/^[\x21-\x7e]+$/.test(id)) throw new Error('The id of an event is printable ASCII without spaces.')
  return id
}
