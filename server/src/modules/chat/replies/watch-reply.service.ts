import type { Actor } from '../../../contract/actor.ts'
import { fail } from '../../../contract/errors.ts'
import { unknownEventId } from '../../../contract/event-position.ts'
import type { OpenedStream, StreamEvent } from '../../../contract/event-stream.ts'
import type { Database } from '../../../platform/database/index.ts'
import type { Bus } from '../../../platform/events/bus.ts'
import { streamTopic } from '../../../platform/events/event-log.ts'
import { createEventReader } from '../../../platform/events/event-reader.ts'
import type { StoredEvent, StreamSource } from '../../../platform/events/stream-source.ts'
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
  readonly bus: Bus
  readonly retriever: Pick<Retriever, 'readable'>
}): WatchReplyService {
  const { database, bus, retriever } = deps
  const reader = createEventReader(bus)
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
      const reply = await findReply(database, actor.userId, replyId, place.event)
      if (reply === null) throw fail('NOT_FOUND')
      const revision = BigInt(reply.revision)
      if (place.event > revision) throw unknownEventId()
      const chunkIds = reply.citations.map(({ chunkId }) => chunkId)
      const readable = chunkIds.length === 0 ? new Set<string>() : await retriever.readable(actor, chunkIds)
      const lost = new Set(chunkIds.filter((id) => !readable.has(id)))
      const position = formatPlace(place)
      const isKept = place.event === revision || reply.nextKept === (place.event + 1n).toString()
      if (!isKept) return { position, events: listed(rebuiltEvents(reply, place, readable)) }

      const source = replyEvents(database, replyId)
      const following = { source, reader: actor.userId, after: place.event, signal }
      const { events } = await reader.follow(following)
      return { position, events: presented(events, tell, lost) }
    },
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
