import type { Change } from '../../contract/unit-of-work.ts'
import type { StoredFile } from './files.schema.ts'
import type { FilePlace, FilesService } from './files.service.ts'
import type { Intake } from './intake.ts'

/** A file that the server makes. */
export interface GeneratedFile extends FilePlace {
  readonly name: string
  readonly type: string
  /** How many bytes `body` has, where that is known: only so much room is held. */
  readonly bytes?: number
  readonly body: AsyncIterable<Uint8Array>
}

/** Keeps a file inside the caller's transaction; returns it, with its id. */
export type Keep = (change: Pick<Change, 'db'>) => Promise<StoredFile>

/**
 * Stores a generated file and hands `work` what keeps it: call that inside the transaction that makes the file known
 * (`unit.commit(async (change) => { const { id } = await keep(change); … })`). If `work` fails, or keeps nothing,
 * nothing of the file is left. Counts against the owner's quota.
 * @throws STORAGE_QUOTA_EXCEEDED, PAYLOAD_TOO_LARGE, OVERLOADED, StorageError; whatever `work` throws
 */
export type SaveGenerated = <T>(file: GeneratedFile, work: (keep: Keep) => Promise<T>) => Promise<T>

/** Does what {@link SaveGenerated} says. */
export async function saveGenerated<T>(
  { intake, files }: { readonly intake: Intake; readonly files: Pick<FilesService, 'claim'> },
  { body, bytes, name, type, ...place }: GeneratedFile,
  work: (keep: Keep) => Promise<T>,
): Promise<T> {
  const slot = await intake.open(
    { userId: place.ownerId },
    { maxBytes: intake.maxFileBytes, declaredBytes: bytes },
  )
  let succeeded = false
  try {
    const received = await slot.receive({ name, type, body }, {})
    const result = await work((change) => files.claim(change, received, place))
    succeeded = true
    return result
  } finally {
    await slot.release(succeeded)
  }
}
