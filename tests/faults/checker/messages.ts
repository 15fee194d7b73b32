import type { ArrivedMail } from '../machine/mail-sink.ts'
import type { PostgresCluster } from '../machine/postgres-cluster.ts'

/** What is found of the messages that were sent: notifications, their events and audit rows, and mails marked as sent. */
export async function notificationEffects(
  postgres: Pick<PostgresCluster, 'query'>,
  prefix: string,
): Promise<string[]> {
  const rows = await postgres.query<{ effect: string }>(
    `SELECT 'notification ' || subject AS effect FROM notifications WHERE subject LIKE $1
     UNION ALL SELECT 'event ' || type || ' ' || (data->>'subject') FROM events WHERE data->>'subject' LIKE $1
     UNION ALL SELECT 'audit ' || action || ' ' || substring(changes::text from $2) FROM audit_events
       WHERE action = 'notifications.send' AND changes::text ~ $2
     UNION ALL SELECT 'mail ' || (data->>'subject') FROM mail_messages
       WHERE data->>'subject' LIKE $1 AND sent_at IS NOT NULL`,
    [`${prefix}-%`, `${prefix}-\\d+-\\d+`],
  )
  return rows.map(({ effect }) => effect)
}

/** Mails that arrived. Copies with the same id are one mail: whoever receives them drops the second. */
export function mailEffects(taken: readonly ArrivedMail[], prefix: string): string[] {
  const mails = new Map(taken.map(({ messageId, subject }) => [messageId, subject]))
  const operation = new RegExp(`\\b${prefix}-\\d+-\\d+\\b`)
  return [...mails.values()]
    .flatMap((subject) => operation.exec(subject)?.[0] ?? [])
    .map((op) => `mail arrived ${op}`)
}
