import type { Followed } from './event-reader.ts'
import type { StoredEvent } from './stream-source.ts'

/** An event as a procedure tells it. */
interface Told<T> {
  readonly id: string
  readonly data: T
}

/** A followed stream as a procedure answers with it. */
export interface Presented<T> {
  readonly position: string
  readonly events: AsyncIterable<Told<T>>
}

/**
 * Makes of stored events what clients see. Build it once: an event is presented once for all who follow, and what
 * comes after it (shaping, serialising) is shared for the same reason.
 */
export function createPresenter<T>(present: (event: StoredEvent) => T): (followed: Followed) => Presented<T> {
  const told = new WeakMap<StoredEvent, Told<T>>()
  const tell = (event: StoredEvent): Told<T> => {
    const known = told.get(event)
    if (known !== undefined) return known
    const made = { id: event.id.toString(), data: present(event) }
    told.set(event, made)
    return made
  }
  return ({ position, events }) => ({ position: position.toString(), events: mapped(events, tell) })
}

async function* mapped<T>(
  events: AsyncIterable<StoredEvent>,
  tell: (event: StoredEvent) => Told<T>,
): AsyncGenerator<Told<T>, void> {
  for await (const event of events) yield tell(event)
}
