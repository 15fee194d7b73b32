import { isoOf, type Moment } from '../../platform/pagination/moments.ts'
import type { Notification } from './notifications.schema.ts'

/** A notification's columns with its sender's name, as repositories read them. */
export interface NotificationRow {
  readonly id: string
  readonly userId: string
  readonly kind: string
  readonly subject: string
  readonly body: string
  readonly targetType: string | null
  readonly targetId: string | null
  readonly senderId: string | null
  readonly senderName: string | null
  readonly readAt: Moment | null
  readonly createdAt: Moment
}

/** A notification as it leaves. */
export function presentNotification(row: NotificationRow): Notification {
  const { id, kind, subject, body, targetType, targetId, senderId, senderName, readAt, createdAt } = row
  return {
    id,
    kind,
    subject,
    body,
    target: targetType === null || targetId === null ? null : { type: targetType, id: targetId },
    sender: senderId === null || senderName === null ? null : { id: senderId, fullName: senderName },
    readAt: readAt === null ? null : isoOf(readAt),
    createdAt: isoOf(createdAt),
  }
}
