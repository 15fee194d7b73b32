import { z } from 'zod'
import { Done, Id, listOf, pageInput, SearchText, text } from '../../../contract/schemas.ts'
import { EmailInput, FullName, Role, SubscriptionTier, User } from '../accounts.schema.ts'

export const UsersGetInput = z.strictObject({ id: Id })
export const UsersGetByEmailInput = z.strictObject({ email: EmailInput })
export const UsersListInput = z.strictObject({
  ...pageInput,
  search: SearchText.optional().describe('Part of a name or an e-mail address, in any case.'),
  role: Role.optional(),
})
export const UsersListOutput = listOf(User)
export const UsersUpdateInput = z.strictObject({
  id: Id,
  data: z.strictObject({
    fullName: FullName.optional(),
    preferredProvider: text(1, 50).nullable().optional().describe('Null for the default.'),
  }),
})
export const UsersSetRoleInput = z.strictObject({ id: Id, role: Role })
export const UsersSetPlanInput = z
  .strictObject({
    id: Id,
    betaTester: z
      .boolean()
      .optional()
      .meta({ description: 'Whether they get what is not ready for everybody yet.', examples: [true] }),
    subscriptionTier: SubscriptionTier.optional(),
  })
  .refine(
    (input) => input.betaTester !== undefined || input.subscriptionTier !== undefined,
    'Give betaTester, subscriptionTier or both.',
  )
export const UsersUserInput = z.strictObject({ id: Id })
export const UsersUserOutput = User
export const UsersDeleteOutput = Done
export const UsersStatsOutput = z.object({
  projects: z.int().describe('Projects the user is a member of.'),
  tasksCreated: z.int(),
  tasksAssigned: z.int(),
  tasksDone: z.int().describe('Of those assigned.'),
})
