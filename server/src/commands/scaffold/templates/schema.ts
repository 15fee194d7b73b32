import type { ModuleNames } from '../module-names.ts'

/** `<plural>.schema.ts`. */
export const schemaTemplate = ({
  singular,
  type,
  types,
  one,
  many,
}: ModuleNames): string => `import { z } from 'zod'
import { exampleId } from '../../contract/example-input.ts'
import { named } from '../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, Timestamp, text } from '../../contract/schemas.ts'

/** ${capital(one)} of a project. */
export const ${type} = named(
  '${type}',
  '${capital(one)} of a project.',
  z.object({
    id: Id,
    projectId: Id,
    name: z.string().meta({ examples: ['Example ${singular}'] }),
    createdById: Id.nullable().meta({ examples: [exampleId('user')] }),
    version: z.int().describe('Counts updates; send it with an update to notice other people’s.'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  }),
)
export type ${type} = z.infer<typeof ${type}>

/** What callers give; fields added here can be given to create and update. */
const fields = {
  name: text(1, 200).meta({ examples: ['Example ${singular}'] }),
}

export const ${types}CreateInput = z.strictObject({ projectId: Id, ...fields })
export const ${types}CreateOutput = ${type}

export const ${types}GetInput = z.strictObject({ id: Id })
export const ${types}GetOutput = ${type}

export const ${types}ListInput = z.strictObject({ projectId: Id, ...pageInput }).describe('Which ${many}, and which page of them.')
export const ${types}ListOutput = listOf(${type})

export const ${types}UpdateInput = z.strictObject({
  id: Id,
  data: z
    .strictObject(fields)
    .partial()
    .refine(
      (data) => Object.values(data).some((value) => value !== undefined),
      'Give at least one field to change.',
    ),
  version: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .describe('The version you saw; refused with VERSION_CONFLICT if it is not the current one.'),
})
export const ${types}UpdateOutput = ${type}

export const ${types}DeleteInput = z.strictObject({ id: Id })
export const ${types}DeleteOutput = Done
`

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
