import type { Actor } from '../../contract/actor.ts'
import { type AppError, fail, failBecause } from '../../contract/errors.ts'
import type { FilePart, UploadedFile, UploadIntake, UploadRule, UploadSlot } from '../../contract/upload.ts'
import type { Database } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/logger.ts'
import { type StagedBytes, type Storage, StorageError } from '../../platform/storage/index.ts'
import { fileKey } from './file-key.ts'
import { cleanName } from './file-name.ts'
import { typeOfContent } from './file-type.ts'
import { forgetFile, giveUpRoom, holdRoom, keepHolding, type StorageQuota } from './upload-room.ts'

/** What the intake is made of. */
export interface IntakeDeps {
  readonly database: Database
  readonly storage: Storage
  readonly logger: Logger
  readonly quota: StorageQuota
  readonly maxFileBytes: number
  readonly maxUploads: number
}

/** Takes files in for uploads and for what the server makes itself. */
export interface Intake extends UploadIntake {
  open(
    owner: Pick<Actor, 'userId'>,
    wanted: { readonly maxBytes: number; readonly declaredBytes: number | undefined },
  ): Promise<UploadSlot>
  /** A transaction has made the file a stored one, if it commits. */
  claimed(id: string): void
  /** Starts to say that running uploads go on. */
  start(): void
  close(): void
}

/** A third of the time after which an upload counts as abandoned. */
const RENEW_MS = 10_000
/** The most that the parts round a file take in a body. */
const ENVELOPE_BYTES = 65_536
const FULL_RETRY_MS = 2_000
/** One user gets this part of all uploads, so that slow ones of theirs keep nobody else out. */
const USER_SHARE = 4

interface OpenUpload {
  readonly userId: string
  claimed: boolean
}

/** Builds the {@link Intake}. */
export function createIntake(deps: IntakeDeps): Intake {
  const { database, storage, logger, quota, maxFileBytes, maxUploads } = deps
  const open = new Map<string, OpenUpload>()
  let timer: NodeJS.Timeout | undefined

  const renew = (): void => {
    if (open.size === 0) return
    keepHolding(database, [...open.keys()]).catch((error: unknown) =>
      logger.warn('running uploads could not be renewed', { error }),
    )
  }

  const giveBack = async (id: string, staged: StagedBytes | undefined): Promise<void> => {
    try {
      await staged?.discard()
      // Not when the outcome of the commit is unknown and it was stored after all. The collector does the rest.
      if (!(await giveUpRoom(database, id))) return
      await storage.delete(fileKey(id))
      await forgetFile(database, id)
    } catch (error) {
      logger.warn('an upload could not be cleared away; the collector will', { id, error })
    }
  }

  /** @throws OVERLOADED */
  const takePlace = (id: string, userId: string): OpenUpload => {
    if (open.size >= maxUploads) throw failBecause('OVERLOADED', { retryAfterMs: FULL_RETRY_MS })
    const own = [...open.values()].filter((upload) => upload.userId === userId).length
    if (own >= Math.ceil(maxUploads / USER_SHARE)) {
      const message = 'You have many uploads under way; try again when one of them is done.'
      throw failBecause('OVERLOADED', { message, retryAfterMs: FULL_RETRY_MS })
    }
    const upload = { userId, claimed: false }
    open.set(id, upload)
    return upload
  }

  const slotFor = (id: string, upload: OpenUpload, room: number): UploadSlot => {
    let staged: StagedBytes | undefined
    return {
      async receive(part: FilePart, rule: UploadRule): Promise<UploadedFile> {
        const name = cleanName(part.name)
        const most = Math.min(room, rule.maxBytes ?? maxFileBytes)
        let type = ''
        const onHead = async (head: Uint8Array): Promise<void> => {
          type = await typeOfContent(head, { name, type: part.type })
          requireAllowed(type, rule)
        }
        staged = await storage.receive(part.body, { maxBytes: most, onHead }).catch((error: unknown) => {
          throw tooLarge(error, most, rule.maxBytes ?? maxFileBytes)
        })
        await staged.keep(fileKey(id))
        return { id, name, type, bytes: staged.bytes, sha256: staged.sha256 }
      },
      async release(succeeded) {
        if (!(succeeded && upload.claimed)) await giveBack(id, staged)
        open.delete(id)
      },
    }
  }

  return {
    maxFileBytes,
    async open({ userId }, { maxBytes, declaredBytes }) {
      const declared = declaredBytes ?? maxBytes + ENVELOPE_BYTES
      const least = declaredBytes === undefined ? 0 : Math.max(0, declared - ENVELOPE_BYTES)
      if (least > maxBytes) throw largerThan(maxBytes)
      const id = newId()
      const upload = takePlace(id, userId)
      try {
        const room = await holdRoom(
          database,
          id,
          userId,
          { least, most: Math.min(maxBytes, declared) },
          quota,
        )
        if (room === null) throw failBecause('STORAGE_QUOTA_EXCEEDED')
        return slotFor(id, upload, room)
      } catch (error) {
        open.delete(id)
        throw error
      }
    },
    claimed(id) {
      const upload = open.get(id)
      if (upload !== undefined) upload.claimed = true
    },
    start() {
      timer = setInterval(renew, RENEW_MS)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}

function requireAllowed(type: string, { types }: UploadRule): void {
  if (types === undefined || types.includes(type)) return
  const message = `The content is ${type}; only ${types.join(', ')} is taken here.`
  throw failBecause('FILE_TYPE_REFUSED', { message, issues: [{ field: 'file', message }] })
}

function tooLarge(error: unknown, room: number, allowed: number): unknown {
  if (!(error instanceof StorageError) || error.failure !== 'too_large') return error
  return room < allowed ? failBecause('STORAGE_QUOTA_EXCEEDED') : largerThan(allowed)
}

function largerThan(bytes: number): AppError {
  return fail('PAYLOAD_TOO_LARGE', { message: `A file has at most ${bytes} bytes here.` })
}
