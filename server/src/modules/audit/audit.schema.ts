import { z } from 'zod'
import { exampleId } from '../../contract/example-input.ts'
import { named } from '../../contract/json-schema.ts'
import { Id, listOf, pageInput, Timestamp, TimestampInput, text } from '../../contract/schemas.ts'

/** What somebody did to something. */
export const AuditEvent = named(
  'AuditEvent',
  'What somebody did to something; written with the change, and never altered.',
  z.object({
    id: Id,
    actorId: Id.nullable().meta({
      description: 'Null for calls without an account: a failed log-in, a registration.',
      examples: [exampleId('user')],
    }),
    actorEmail: z
      .string()
      .nullable()
      .meta({ description: 'The actor’s address today.', examples: ['ada@example.com'] }),
    actorVia: z.string().meta({
      description: 'What they acted with: `session:<id>`, `apiKey:<id>`, `anonymous` or `system`.',
      examples: [`session:${exampleId('session')}`],
    }),
    surface: z.string().meta({
      description: 'The way the call came in, for example `trpc` or `job`.',
      examples: ['trpc'],
    }),
    action: z.string().meta({
      description: '`noun.verb`, for example `users.setRole`.',
      examples: ['users.setRole'],
    }),
    targetType: z
      .string()
      .nullable()
      .meta({ examples: ['user'] }),
    targetId: z
      .string()
      .nullable()
      .meta({ examples: [exampleId('user')] }),
    changes: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'The fields that changed; never secrets.', examples: [{ role: 'admin' }] }),
    traceId: z.string().meta({
      description: 'The trace id of the call’s answer and log lines.',
      examples: ['4bf92f3577b34da6a3ce929d0e0e4736'],
    }),
    ip: z
      .string()
      .nullable()
      .meta({ examples: ['203.0.113.7'] }),
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
