import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Tx } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { isoOf } from '../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { queueNotificationMail } from './mails/notification-mail.ts'
import { presentNotification } from './notifications.presenter.ts'
import * as repository from './notifications.repository.ts'
import type {
  Notification,
  NotificationsListInput,
  NotificationsMarkReadInput,
  NotificationsSendInput,
} from './notifications.schema.ts'
import { notify } from './notify.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type Read = { ok: true; unread: number }

/** What users are told in the app. Everybody sees their own: those of others do not exist. */
export interface NotificationsService {
  /** Newest first, with the number not read. @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof NotificationsListInput>>): Promise<Page<Notification> & { unread: number }>
  /** All named or none. @throws NOT_FOUND when one of them is not the caller's */
  markRead(call: Write<z.output<typeof NotificationsMarkReadInput>, Read>): Promise<Read>
  /** Tells a user something, in the app and by mail, in the name of the caller. @throws NOT_FOUND */
  send(call: Write<z.output<typeof NotificationsSendInput>, Notification>): Promise<Notification>
}

/** What the service is made of. */
export interface NotificationsServiceDeps {
  readonly database: Database
  readonly clock: Clock
  /** The live user with this id, or null. */
  readonly findUser: (
    db: Tx,
    id: string,
  ) => Promise<{ readonly email: string; readonly fullName: string } | null>
}

/** Builds the {@link NotificationsService}. */
export function createNotificationsService(deps: NotificationsServiceDeps): NotificationsService {
  const { database, clock, findUser } = deps
  return {
    async list({ actor, input }) {
      const { limit, unread: only } = input
      const filters = { userId: actor.userId, unread: only?.toString() }
      const scope: CursorScope = { list: 'notifications', keyType: 'timestamptz', filters }
      const slice = sliceOf(input, scope)
      const { rows, total, unread } = await repository.listNotifications(database, actor.userId, only, slice)
      const page = pageOf(rows, {
        limit,
        total,
        present: presentNotification,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
      return { ...page, unread }
    },

    markRead: ({ actor, input, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const ids = input.ids === undefined ? 'all' : [...new Set(input.ids)]
        const { found, unread } = await repository.markRead(db, actor.userId, ids, clock.now())
        if (ids !== 'all' && found < ids.length) throw fail('NOT_FOUND')
        audit({ targetType: 'user', targetId: actor.userId, changes: { read: ids } })
        return { ok: true, unread }
      }),

    send: ({ actor, input: { userId, subject, body }, unit }) =>
      unit.commit(async (change) => {
        const user = await findUser(change.db, userId)
        if (user === null) throw fail('NOT_FOUND')
        const message = { userId, kind: 'admin.message', subject, body, senderId: actor.userId }
        const [notification] = await notify(change, message, clock.now())
        if (notification === undefined) throw new Error('A notification was added and did not come back')
        const sender = { name: notification.sender?.fullName ?? actor.email, email: actor.email }
        queueNotificationMail(change, user, { subject, body, sender })
        change.audit({
          targetType: 'user',
          targetId: userId,
          changes: { notificationId: notification.id, subject, body },
        })
        return notification
      }),
  }
}
