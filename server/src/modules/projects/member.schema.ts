import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, Timestamp } from '../../contract/schemas.ts'
import { MemberRole } from './project.schema.ts'

/** A user's place in a project. */
export const Member = named(
  'Member',
  'A user’s place in a project.',
  z.object({
    userId: Id,
    fullName: z.string(),
    email: z.string().nullable().describe('Null when you are a viewer and it is not your own.'),
    role: MemberRole,
    createdAt: Timestamp.describe('Since when.'),
  }),
)
export type Member = z.infer<typeof Member>

export const ProjectsMembersListInput = z.strictObject({ projectId: Id, ...pageInput })
export const ProjectsMembersListOutput = listOf(Member)

export const ProjectsMembersAddInput = z.strictObject({
  projectId: Id,
  email: z
    .email('Give an e-mail address.')
    .max(254)
    .meta({
      description: 'Of somebody who has an account.',
      examples: ['ada@example.com'],
    }),
  role: MemberRole,
})
export const ProjectsMembersAddOutput = Member

export const ProjectsMembersSetRoleInput = z.strictObject({
  projectId: Id,
  userId: Id,
  role: MemberRole,
})
export const ProjectsMembersSetRoleOutput = Member

export const ProjectsMembersRemoveInput = z.strictObject({ projectId: Id, userId: Id })
export const ProjectsMembersRemoveOutput = Done
