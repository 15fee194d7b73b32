import { queryIn, type Tx } from '../../platform/database/index.ts'
import { newIds } from '../../platform/ids.ts'
import { sqlValues } from '../../platform/pagination/sql-values.ts'
import { NOTIFICATION_COLUMNS } from './notification-columns.ts'
import type { NotificationRow } from './notifications.presenter.ts'

/** A notification to be. */
export interface NewNotification {
  readonly userId: string
  /** `noun.verb`. */
  readonly kind: string
  readonly subject: string
  readonly body: string
  readonly target?: { readonly type: string; readonly id: string }
  /** Who caused it. */
  readonly senderId?: string
}

/** The newest so many of a user are kept. */
const KEPT_PER_USER = 1_000

/**
 * Adds notifications, all in one statement, and returns those added. Where one of the same kind about the same target
 * waits to be read, it says what there is to say: another is not added, so that nobody can be flooded by giving a task
 * to and fro. What is beyond a user's newest thousand goes.
 */
export async function insertNotifications(
  db: Tx,
  notifications: readonly NewNotification[],
  now: Date,
): Promise<NotificationRow[]> {
  const values = sqlValues()
  const ids = newIds(notifications.length, now)
  const numbered = notifications.map(({ target, ...rest }, index) => ({
    ...rest,
    id: ids[index],
    targetType: target?.type,
    targetId: target?.id,
  }))
  const items = `json_to_recordset(${values.bind(JSON.stringify(numbered), 'json')}) AS item(id uuid, "userId" uuid,
    kind text, subject text, body text, "targetType" text, "targetId" uuid, "senderId" uuid)`
  const readers = values.bind(JSON.stringify([...new Set(notifications.map(({ userId }) => userId))]), 'json')
  const createdAt = values.bind(now.toISOString(), 'timestamptz')
  const text = `
    WITH pruned AS (
      DELETE FROM notifications WHERE id IN (
        SELECT old.id FROM json_array_elements_text(${readers}) AS reader(id) CROSS JOIN LATERAL (
          SELECT k.id FROM notifications k WHERE k.user_id = reader.id::uuid
          ORDER BY k.created_at DESC, k.id DESC OFFSET ${KEPT_PER_USER - 1}) old)
    ), n AS (
      INSERT INTO notifications (id, user_id, kind, subject, body, target_type, target_id, sender_id, created_at)
      SELECT item.id, item."userId", item.kind, item.subject, item.body, item."targetType", item."targetId",
        item."senderId", ${createdAt}
      FROM ${items}
      WHERE NOT EXISTS (
        SELECT FROM notifications waiting WHERE waiting.user_id = item."userId" AND waiting.read_at IS NULL
          AND waiting.kind = item.kind AND waiting.target_id = item."targetId")
      RETURNING *
    )
    SELECT ${NOTIFICATION_COLUMNS} FROM n LEFT JOIN users s ON s.id = n.sender_id ORDER BY n.id`
  return await queryIn<NotificationRow & { [column: string]: unknown }>(db, values.statement(text))
}
