import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Id, listOf, pageInput, Timestamp, TimestampInput, text } from '../../contract/schemas.ts'

/** What somebody did to something. */
export const AuditEvent = named(
  'AuditEvent',
  'What somebody did to something; written with the change, and never altered.',
  z.object({
    id: Id,
    actorId: Id.nullable().describe('Null for calls without an account: a failed log-in, a registration.'),
    actorEmail: z.string().nullable().describe('The actor’s address today.'),
    actorVia: z
      .string()
      .describe('What they acted with: `session:<id>`, `apiKey:<id>`, `anonymous` or `system`.'),
    surface: z.string().describe('The way the call came in, for example `trpc` or `job`.'),
    action: z.string().describe('`noun.verb`, for example `users.setRole`.'),
    targetType: z.string().nullable(),
    targetId: z.string().nullable(),
    changes: z.record(z.string(), z.unknown()).nullable().describe('The fields that changed; never secrets.'),
    traceId: z.string().describe('The trace id of the call’s answer and log lines.'),
    ip: z.string().nullable(),
    createdAt: Timestamp,
  }),
)
export type AuditEvent = z.infer<typeof AuditEvent>

export const AuditListInput = z.strictObject({
  ...pageInput,
  actorId: Id.optional(),
  action: text(1, 100).optional().describe('Exactly this action, for example `users.setRole`.'),
  targetId: Id.optional().describe('The id of what was acted on.'),
  from: TimestampInput.optional().describe('Not before this moment.'),
  to: TimestampInput.optional().describe('Before this moment.'),
})
export const AuditListOutput = listOf(AuditEvent)
