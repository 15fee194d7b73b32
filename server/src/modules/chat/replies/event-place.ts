import { unknownEventId } from '../../../contract/event-position.ts'

/** How far somebody has followed a reply. */
export interface EventPlace {
  /** The number of the last event seen; 0 before the first. */
  readonly event: bigint
  /** Where in the text that is, in UTF-16 units: what is not kept as events any more is told from there. */
  readonly offset: number
}

/** The place as the id of an event: `12:340`. */
export function formatPlace({ event, offset }: EventPlace): string {
  return `${event}:${offset}`
}

/** The place after the event `id`; the beginning when undefined or `0`. @throws BAD_REQUEST naming `lastEventId` */
export function placeOf(id: string | undefined): EventPlace {
  const [, event, offset] = /^(\d{1,18}):(\d{1,9})$/.exec(id === undefined || id === '0' ? '0:0' : id) ?? []
  if (event === undefined) throw unknownEventId()
  return { event: BigInt(event), offset: Number(offset) }
}
