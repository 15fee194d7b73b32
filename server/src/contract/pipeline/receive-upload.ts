import { createHash } from 'node:crypto'
import type { Actor } from '../actor.ts'
import type { CallContext } from '../call-context.ts'
import { fail, invalid } from '../errors.ts'
import { isAnswered } from '../idempotency.ts'
import type { FilePart, UploadedFile, UploadFields, UploadRule, UploadSource } from '../upload.ts'

/** An upload whose body has been read. */
export interface ReceivedUpload {
  readonly fields: UploadFields
  /** Undefined when the call was answered before: the answer is given again, and the file not kept twice. */
  readonly file: UploadedFile | undefined
  /** What makes this file the same input as another, for idempotency keys. */
  readonly digest: FileDigest
  /** Must be called at the end. */
  release(succeeded: boolean): Promise<void>
}

/** A file as part of a call's input. */
export interface FileDigest {
  readonly name: string | null
  readonly bytes: number
  readonly sha256: string
}

/** An upload on its way through the pipeline. */
export interface UploadCall {
  readonly path: string
  readonly rule: UploadRule
  readonly actor: Actor | null
  readonly context: CallContext
  /** Refuses a caller by the fields that came before the file, so that the file need not be read. */
  readonly admit: (before: UploadFields) => Promise<void>
}

/**
 * Reads the body of an upload: room is held first, then the file goes to the storage while it is measured.
 * @throws as {@link UploadSource} and the intake's slots; nothing is left behind then
 */
export async function receiveUpload(call: UploadCall): Promise<ReceivedUpload> {
  const { path, rule, actor, context, admit } = call
  const { uploads } = context.runtime
  const source = context.upload
  if (source === undefined) throw fail('UNSUPPORTED_MEDIA_TYPE', { message: 'Send multipart/form-data.' })
  if (actor === null) throw fail('UNAUTHORIZED')
  const maxBytes = Math.min(rule.maxBytes ?? uploads.maxFileBytes, uploads.maxFileBytes)
  // A repetition must not need room for a second copy.
  const key = context.idempotencyKey
  const owner = `user:${actor.userId}`
  if (key !== undefined && (await isAnswered(context.runtime, { owner, procedure: path, key })))
    return readAgain(source, maxBytes)
  const slot = await uploads.open(actor, { maxBytes, declaredBytes: source.declaredBytes })
  let file: UploadedFile | undefined
  let sentName: string | undefined
  try {
    const fields = await source.read(maxBytes, async (part, before) => {
      await admit(before)
      sentName = part.name
      file = await slot.receive(part, { ...rule, maxBytes })
    })
    if (file === undefined) throw invalid('file', 'Send one file, in the field "file".')
    const { bytes, sha256 } = file
    const digest = { name: sentName ?? null, bytes, sha256 }
    return { fields, file, digest, release: (succeeded) => slot.release(succeeded) }
  } catch (error) {
    await slot.release(false)
    throw error
  }
}

async function readAgain(source: UploadSource, maxBytes: number): Promise<ReceivedUpload> {
  let digest: FileDigest | undefined
  const fields = await source.read(maxBytes, async (part) => {
    digest = await digestOf(part)
  })
  if (digest === undefined) throw invalid('file', 'Send one file, in the field "file".')
  return { fields, file: undefined, digest, release: async () => undefined }
}

async function digestOf({ name, body }: FilePart): Promise<FileDigest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    hash.update(chunk)
  }
  return { name: name ?? null, bytes, sha256: hash.digest('hex') }
}
