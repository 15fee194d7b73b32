/** The columns of a `NotificationRow`, of the table `n` and its sender `s`, for statements written by hand. */
export const NOTIFICATION_COLUMNS = `n.id, n.user_id AS "userId", n.kind, n.subject, n.body,
  n.target_type AS "targetType", n.target_id AS "targetId", n.sender_id AS "senderId", s.full_name AS "senderName",
  n.read_at AS "readAt", n.created_at AS "createdAt"`
