import type { NewEvent } from '../../platform/events/event-log.ts'
import type { Notification } from './notifications.schema.ts'

/** The stream of a user's notifications. */
export function notificationStream(userId: string): string {
  return `user:${userId}:notifications`
}

/** The event of a new notification. */
export function notificationEvent(userId: string, notification: Notification): NewEvent {
  return { stream: notificationStream(userId), type: 'notification.created', data: notification }
}
