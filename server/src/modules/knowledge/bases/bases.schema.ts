import { z } from 'zod'
import { exampleId } from '../../../contract/example-input.ts'
import { named } from '../../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, Timestamp, text } from '../../../contract/schemas.ts'

/** Documents that are searched together. */
export const KnowledgeBase = named(
  'KnowledgeBase',
  'Documents that are searched together.',
  z.object({
    id: Id,
    name: z.string().meta({ examples: ['Handbook'] }),
    projectId: Id.nullable().describe('Its members may read it; null when it is its owner’s alone.'),
    ownerId: Id.meta({ examples: [exampleId('user')] }).describe('Who made it.'),
    documents: z
      .int()
      .meta({ examples: [12] })
      .describe('How many are in it.'),
    embedding: z
      .object({
        modelId: z.string().meta({ examples: ['demo:local'] }),
        dimension: z.int().meta({ examples: [1024] }),
        store: z.string().meta({ examples: ['pgvector'] }),
      })
      .nullable()
      .describe('What its vectors are made by, and where they are; null until the first document is in.'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type KnowledgeBase = z.infer<typeof KnowledgeBase>

const Name = text(1, 200).meta({ examples: ['Handbook'] })

export const KnowledgeBasesCreateInput = z.strictObject({
  name: Name,
  projectId: Id.optional().describe('Whose members may read it; without one it is yours alone.'),
})
export const KnowledgeBasesCreateOutput = KnowledgeBase

export const KnowledgeBasesListInput = z
  .strictObject({ ...pageInput, projectId: Id.optional().describe('Only those of this project.') })
  .prefault({})
export const KnowledgeBasesListOutput = listOf(KnowledgeBase)

export const KnowledgeBasesGetInput = z.strictObject({ id: Id })
export const KnowledgeBasesGetOutput = KnowledgeBase

export const KnowledgeBasesUpdateInput = z.strictObject({ id: Id, data: z.strictObject({ name: Name }) })
export const KnowledgeBasesUpdateOutput = KnowledgeBase

export const KnowledgeBasesDeleteInput = z.strictObject({ id: Id })
export const KnowledgeBasesDeleteOutput = Done
