import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Id, listOf, pageInput, Timestamp, text } from '../../contract/schemas.ts'

/** Something a user should know of. */
export const Notification = named(
  'Notification',
  'Something a user should know of.',
  z.object({
    id: Id,
    kind: z.string().meta({
      description: 'What it is about: `admin.message`, `task.assigned`, `tasks.assigned`, `project.joined`.',
      examples: ['admin.message'],
    }),
    subject: z.string().meta({ examples: ['Maintenance tonight'] }),
    body: z.string().meta({
      description: 'Plain text; may be empty, and may have several lines.',
      examples: ['The service pauses for ten minutes at 22:00 UTC.'],
    }),
    target: z
      .object({ type: z.string(), id: Id })
      .nullable()
      .meta({ description: 'What it points at, for example the task.', examples: [null] }),
    sender: z
      .object({ id: Id, fullName: z.string() })
      .nullable()
      .describe('Who caused it; null when nobody did.'),
    readAt: Timestamp.nullable().meta({ examples: [null] }),
    createdAt: Timestamp,
  }),
)
export type Notification = z.infer<typeof Notification>

const Unread = z.int().describe('How many of the caller’s notifications are not read.')

export const NotificationsListInput = z.strictObject({
  ...pageInput,
  unread: z.boolean().optional().describe('True for those not read, false for those read; else both.'),
})
export const NotificationsListOutput = listOf(Notification).extend({ unread: Unread })

export const NotificationsMarkReadInput = z
  .strictObject({
    ids: z
      .array(Id)
      .min(1)
      .max(100)
      .optional()
      .describe('1–100 of the caller’s notifications; all are marked, or none.'),
    all: z
      .literal(true)
      .optional()
      .meta({ description: 'Marks everything the caller has.', examples: [true] }),
  })
  .refine(({ ids, all }) => (ids === undefined) !== (all === undefined), {
    path: ['ids'],
    error: 'Give either ids or all.',
  })
export const NotificationsMarkReadOutput = z.object({ ok: z.literal(true), unread: Unread })

/** One line, so that it can be the subject of a mail. */
const Subject = text(1, 200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'Give one line without control characters.')
  .meta({ examples: ['Maintenance tonight'] })

export const NotificationsSendInput = z.strictObject({
  userId: Id,
  subject: Subject,
  body: text(1, 5_000).meta({
    description: 'Plain text; links in it are not made clickable.',
    examples: ['The service pauses for ten minutes at 22:00 UTC.'],
  }),
})
export const NotificationsSendOutput = Notification

export const NotificationsOnNewInput = z.strictObject({})
export const NotificationsOnNewOutput = Notification
