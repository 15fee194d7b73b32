import type { Change } from '../../contract/unit-of-work.ts'
import { insertNotifications, type NewNotification } from './insert-notifications.ts'
import { notificationEvent } from './notification-events.ts'
import { presentNotification } from './notifications.presenter.ts'
import type { Notification } from './notifications.schema.ts'

/**
 * Tells users something in the app, with the change and only if it commits; who is watching hears of it at once.
 * Returns what was added: less than given where the same is still unread. No mail is sent.
 */
export async function notify(
  change: Pick<Change, 'db' | 'emit'>,
  given: NewNotification | readonly NewNotification[],
  now: Date,
): Promise<Notification[]> {
  const notifications = 'userId' in given ? [given] : given
  if (notifications.length === 0) return []
  const rows = await insertNotifications(change.db, notifications, now)
  return rows.map((row) => {
    const notification = presentNotification(row)
    change.emit(notificationEvent(row.userId, notification))
    return notification
  })
}
