import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { eventPosition, eventTooOld, unknownEventId } from '../../contract/event-position.ts'
import type { OpenedStream } from '../../contract/event-stream.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import { streamTopic } from '../../platform/events/event-log.ts'
import { createEventReader } from '../../platform/events/event-reader.ts'
import { createPresenter } from '../../platform/events/present.ts'
import type { StreamBackstop } from '../../platform/events/stream-backstop.ts'
import type { StreamSource } from '../../platform/events/stream-source.ts'
import { notificationStream } from './notification-events.ts'
import { Notification } from './notifications.schema.ts'
import { lookAtNotifications } from './watch-notifications.repository.ts'

/** How somebody starts to watch. */
export interface WatchCall {
  readonly actor: Actor
  /** The id of the last event seen; undefined to hear only of what comes. */
  readonly lastEventId: string | undefined
  readonly signal: AbortSignal
}

/** New notifications as they come. */
export interface WatchNotificationsService {
  /**
   * Every new notification of the caller once, in order, until `signal` aborts.
   * @throws BAD_REQUEST naming `lastEventId` when it is not an event of this stream, or too old to resume from
   */
  onNew(call: WatchCall): Promise<OpenedStream<Notification>>
}

/** Builds the {@link WatchNotificationsService}. */
export function createWatchNotificationsService(deps: {
  readonly database: Database
  readonly bus: Bus
  readonly backstop: StreamBackstop
}): WatchNotificationsService {
  const { database } = deps
  const reader = createEventReader(deps)
  const present = createPresenter(({ data }) => Notification.parse(data))
  return {
    async onNew({ actor: { userId }, lastEventId, signal }) {
      const after = eventPosition(lastEventId)
      const source = notificationsOf(database, userId)
      return present(await reader.follow({ source, reader: userId, after, signal }))
    },
  }
}

function notificationsOf(database: Database, userId: string): StreamSource {
  const stream = notificationStream(userId)
  return {
    stream,
    topics: [streamTopic(stream)],
    look: (after) => lookAtNotifications(database, userId, after),
    refused: () => fail('UNAUTHORIZED'),
    unknownId: unknownEventId,
    tooOld: eventTooOld,
  }
}
