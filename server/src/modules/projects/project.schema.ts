import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { memberRoles } from '../../contract/policy.ts'
import { Done, Id, listOf, pageInput, SearchText, Timestamp, text } from '../../contract/schemas.ts'

/** A role in a project. */
export const MemberRole = z
  .enum(memberRoles)
  .describe('`viewer` reads, `editor` writes tasks, `owner` manages the project and its members.')

const Slug = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Use a–z, 0–9 and single hyphens between them, for example my-project.')

const Name = text(1, 120)
const Description = text(0, 5_000).nullable()
const Version = z.int().min(1).max(2_147_483_647)

/** A project as its members see it. */
export const Project = named(
  'Project',
  'A body of work that its members share.',
  z.object({
    id: Id,
    name: z.string().meta({ examples: ['Launch 2027'] }),
    slug: z.string().meta({
      description: 'Unique among all projects, deleted ones included.',
      examples: ['launch-2027'],
    }),
    description: z
      .string()
      .nullable()
      .meta({ examples: ['All that has to be done before March.'] }),
    role: MemberRole.nullable().describe('Your role; null for a super admin who steps over membership.'),
    version: z.int().describe('Counts updates; send it with an update to notice other people’s.'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type Project = z.infer<typeof Project>

export const ProjectsCreateInput = z.strictObject({
  name: Name.meta({ examples: ['Launch 2027'] }),
  slug: Slug.meta({ examples: ['launch-2027'] }),
  description: Description.optional(),
})
export const ProjectsCreateOutput = Project

export const ProjectsGetInput = z.strictObject({ id: Id })
export const ProjectsGetOutput = Project

export const ProjectsListInput = z.strictObject({
  ...pageInput,
  search: SearchText.optional().describe('Part of the name or slug.'),
})
export const ProjectsListOutput = listOf(Project)

export const ProjectsUpdateInput = z.strictObject({
  id: Id,
  data: z
    .strictObject({
      name: Name.optional().meta({ examples: ['Launch 2028'] }),
      slug: Slug.optional(),
      description: Description.optional().describe('Null removes it.'),
    })
    .refine(hasSomething, 'Give at least one field to change.'),
  version: Version.optional().describe(
    'The version you saw; refused with VERSION_CONFLICT if it is not the current one.',
  ),
})
export const ProjectsUpdateOutput = Project

export const ProjectsDeleteInput = z.strictObject({ id: Id })
export const ProjectsDeleteOutput = Done

export const ProjectsRestoreInput = z.strictObject({ id: Id })
export const ProjectsRestoreOutput = Project

function hasSomething(data: Record<string, unknown>): boolean {
  return Object.values(data).some((value) => value !== undefined)
}
