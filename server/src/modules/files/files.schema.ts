import { z } from 'zod'
import { named } from '../../contract/json-schema.ts'
import { Done, Id, listOf, pageInput, Timestamp } from '../../contract/schemas.ts'

/** A file that somebody keeps. */
export const StoredFile = named(
  'StoredFile',
  'A file that somebody keeps.',
  z.object({
    id: Id,
    projectId: Id.nullable().describe('Whose members may read it; null when it is the owner’s alone.'),
    ownerId: Id.describe('Whose quota it counts against.'),
    name: z.string().meta({ examples: ['notes.txt'] }),
    type: z.string().meta({ description: 'Told by the content.', examples: ['text/plain'] }),
    bytes: z.int().meta({ examples: [1234] }),
    sha256: z.string().meta({
      description: 'Hexadecimal.',
      examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    }),
    purpose: z.string().meta({
      description: 'What made it: `upload` or, for example, `report`.',
      examples: ['upload'],
    }),
    createdAt: Timestamp,
  }),
)
export type StoredFile = z.infer<typeof StoredFile>

export const FilesUploadInput = z.strictObject({
  projectId: Id.optional().describe('Shares it with the members of this project; else it is yours alone.'),
})
export const FilesUploadOutput = StoredFile

export const FilesGetInput = z.strictObject({ id: Id })
export const FilesGetOutput = StoredFile

export const FilesListInput = z.strictObject({
  ...pageInput,
  projectId: Id.optional().describe('The files of this project; else those that are yours alone.'),
})
export const FilesListOutput = listOf(StoredFile)

export const FilesDeleteInput = z.strictObject({ id: Id })
export const FilesDeleteOutput = Done

export const FilesLinkInput = z.strictObject({ id: Id })
export const FilesLinkOutput = named(
  'FileLink',
  'A link that downloads a file without logging in.',
  z.object({
    url: z.string().describe('For a browser to open; it ends with your right to read the file, too.'),
    expiresAt: Timestamp.describe('Five minutes from now.'),
  }),
)
