import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { unknownEventId } from '../../../contract/event-position.ts'
import type { OpenedStream, StreamEvent } from '../../../contract/event-stream.ts'
import type { Database } from '../../../platform/database/index.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import type { EventReader } from '../../../platform/events/event-reader.ts'
import type { StoredEvent, StreamSource, StreamView } from '../../../platform/events/stream-source.ts'
import type { Retriever } from '../../knowledge/index.ts'
import type { ReplyEvent } from '../chat.schema.ts'
import { presentCitation } from '../messages/messages.presenter.ts'
import { formatPlace, placeOf } from './event-place.ts'
import { rebuiltEvents } from './rebuilt-events.ts'
import { offsetOf, replyStream, toldEvent } from './reply-events.ts'
import { findReply, lookAtReply } from './watch-reply.repository.ts'

/** How somebody starts to follow a reply. */
export interface WatchReplyCall {
  readonly actor: Actor
  readonly input: { readonly replyId: string }
  /** The id of the last event seen; undefined to begin with the first. */
  readonly lastEventId: string | undefined
  readonly signal: AbortSignal
}

/** Follows replies. */
export interface WatchReplyService {
  /**
   * Everything that is said of a reply, from its beginning or after `lastEventId`; ends by itself with the reply.
   * Events that are not kept any more are made again from the message.
   * @throws NOT_FOUND for everybody but the thread's user; BAD_REQUEST naming `lastEventId` when it is not an event of
   * this reply
   */
  stream(call: WatchReplyCall): Promise<OpenedStream<ReplyEvent>>
}

/** Builds the {@link WatchReplyService}. */
export function createWatchReplyService(deps: {
  readonly database: Database
  readonly reader: EventReader
  readonly retriever: Pick<Retriever, 'readable'>
}): WatchReplyService {
  const { database, reader, retriever } = deps
  const told = new WeakMap<StoredEvent, StreamEvent<ReplyEvent>>()

  /** The same object for all who follow, so that it is shaped and serialised once. */
  const tell = (event: StoredEvent): StreamEvent<ReplyEvent> => {
    const known = told.get(event)
    if (known !== undefined) return known
    const id = formatPlace({ event: event.id, offset: offsetOf(event.data) })
    const made = { id, data: toldEvent(event.type, event.data) }
    told.set(event, made)
    return made
  }

  return {
    async stream({ actor, input: { replyId }, lastEventId, signal }) {
      const place = placeOf(lastEventId)
      const position = formatPlace(place)
      let lost: ReadonlySet<string> = new Set()
      // The reply and its events in one look: it says what else the reader has to know.
      const firstLook = async (): Promise<StreamView> => {
        const found = await findReply(database, actor.userId, replyId, place.event)
        if (found === null) throw fail('NOT_FOUND')
        const { reply, view } = found
        if (place.event > view.head) throw unknownEventId()
        const chunkIds = reply.citations.map(({ chunkId }) => chunkId)
        const readable = chunkIds.length === 0 ? new Set<string>() : await retriever.readable(actor, chunkIds)
        lost = new Set(chunkIds.filter((id) => !readable.has(id)))
        const isKept = place.event === view.head || view.events[0]?.id === place.event + 1n
        if (!isKept) throw new EventsGone(rebuiltEvents(reply, place, readable))
        return view
      }
      const source = replyEvents(database, replyId)
      const following = { source, reader: actor.userId, after: place.event, firstLook, signal }
      try {
        const { events } = await reader.follow(following)
        return { position, events: presented(events, tell, lost) }
      } catch (error) {
        if (error instanceof EventsGone) return { position, events: listed(error.instead) }
        throw error
      }
    },
  }
}

/** The events are not kept any more: there is nothing to follow, and this to tell. */
class EventsGone extends Error {
  override readonly name = 'EventsGone'
  readonly instead: readonly StreamEvent<ReplyEvent>[]

  constructor(instead: readonly StreamEvent<ReplyEvent>[]) {
    super('The events of the reply are not kept any more')
    this.instead = instead
  }
}

async function* presented(
  events: AsyncIterable<StoredEvent>,
  tell: (event: StoredEvent) => StreamEvent<ReplyEvent>,
  lost: ReadonlySet<string>,
): AsyncGenerator<StreamEvent<ReplyEvent>, void> {
  for await (const event of events) {
    const { id, data } = tell(event)
    if (data.type !== 'citation' || !lost.has(data.chunkId)) yield tell(event)
    else yield { id, data: { type: 'citation', ...presentCitation(data, new Set()) } }
  }
}

async function* listed<T>(events: readonly T[]): AsyncGenerator<T, void> {
  yield* events
}

function replyEvents(database: Database, replyId: string): StreamSource {
  const stream = replyStream(replyId)
  return {
    stream,
    topics: [streamTopic(stream)],
    look: (after, readers) => lookAtReply(database, replyId, after, readers),
    refused: () => fail('NOT_FOUND'),
    unknownId: unknownEventId,
    // Swept between two looks: whoever comes back gets them from the message.
    tooOld: () => fail('SERVICE_UNAVAILABLE'),
  }
}
