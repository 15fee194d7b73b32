import { ReplyEvent } from '../chat.schema.ts'

/** An event as it is kept: with where in the text a reader is who has it, in UTF-16 units. */
export interface KeptEvent {
  readonly type: ReplyEvent['type']
  readonly data: { readonly at: number; readonly [field: string]: unknown }
}

/** The stream of a reply. Its events are numbered by the message's `revision`. */
export function replyStream(replyId: string): string {
  return `reply:${replyId}`
}

/** The event to be kept of `event`, for a reader whose text is `at` long afterwards. */
export function keptEvent({ type, ...fields }: ReplyEvent, at: number): KeptEvent {
  return { type, data: { ...fields, at } }
}

/** What followers are told of an event that was kept. */
export function toldEvent(type: string, data: unknown): ReplyEvent {
  return ReplyEvent.parse({ ...(data instanceof Object ? data : {}), type })
}

/** Where in its text a reader is who has the event. */
export function offsetOf(data: unknown): number {
  return data instanceof Object && 'at' in data && typeof data.at === 'number' ? data.at : 0
}
