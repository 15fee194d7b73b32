import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { Change, UnitOfWork } from '../../contract/unit-of-work.ts'
import type { UploadedFile } from '../../contract/upload.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Db } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { isoOf } from '../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { auditBypassedRead, whyRefused } from '../projects/index.ts'
import { FILES_GONE_TOPIC } from './collector.ts'
import type { FileLinks } from './file-links.ts'
import { type FileRow, presentFile } from './files.presenter.ts'
import * as repository from './files.repository.ts'
import type { FilesGetInput, FilesListInput, FilesUploadInput, StoredFile } from './files.schema.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = z.output<typeof FilesGetInput>
type UploadFields = z.output<typeof FilesUploadInput>

/** Where a file goes. */
export interface FilePlace {
  readonly ownerId: string
  readonly projectId?: string | undefined
  /** What made it, such as `report`. */
  readonly purpose: string
}

/** Files of users and projects. Members read, editors write; to everybody else they do not exist: NOT_FOUND. */
export interface FilesService {
  /** Refuses before the file is read. @throws NOT_FOUND, FORBIDDEN */
  admit(call: Call<UploadFields>): Promise<void>
  /** @throws NOT_FOUND, FORBIDDEN */
  upload(call: Write<UploadFields, StoredFile> & { readonly file: UploadedFile }): Promise<StoredFile>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<StoredFile>
  /** Newest first. @throws NOT_FOUND (the project) */
  list(call: Call<z.output<typeof FilesListInput>>): Promise<Page<StoredFile>>
  /** Gone at once for everybody; its bytes follow. @throws NOT_FOUND, FORBIDDEN */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
  /** A link for five minutes, or until the caller loses the right to read. @throws NOT_FOUND */
  link(call: Call<ById>): Promise<{ url: string; expiresAt: string }>
  /**
   * Makes a received file one that is kept, with the transaction of `change`. Rights are the caller's to check.
   * @throws SERVICE_UNAVAILABLE when it took so long that it was given up
   */
  claim(change: Pick<Change, 'db'>, file: UploadedFile, place: FilePlace): Promise<StoredFile>
}

/** What the service is made of. */
export interface FilesServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly publicUrl: string
}

/** Builds the {@link FilesService}. @param claimed is told of files that the transaction keeps */
export function createFilesService(
  { database, clock, publicUrl }: FilesServiceDeps,
  links: FileLinks,
  claimed: (id: string) => void,
): FilesService {
  const claim: FilesService['claim'] = async ({ db }, file, { ownerId, projectId, purpose }) => {
    const row = await repository.claimFile(db, file, { ownerId, projectId, purpose, now: clock.now() })
    if (row === null) throw fail('SERVICE_UNAVAILABLE', { retryAfterMs: 1_000 })
    claimed(file.id)
    return presentFile(row)
  }
  const readable = async (actor: Actor, id: string, action: string): Promise<FileRow> => {
    const row = await repository.findFile(database, actor, id)
    if (row === null) throw fail('NOT_FOUND')
    await auditBypassedRead(database, actor, { action, targetType: 'file', targetId: id })
    return row
  }

  return {
    admit: ({ actor, input }) => requireEditor(database.prisma, actor, input.projectId),

    upload: ({ actor, input: { projectId }, file, unit }) =>
      unit.commit(async (change) => {
        await requireEditor(change.db, actor, projectId)
        const stored = await claim(change, file, { ownerId: actor.userId, projectId, purpose: 'upload' })
        const { name, type, bytes, sha256 } = stored
        change.audit({
          targetType: 'file',
          targetId: stored.id,
          changes: { projectId: projectId ?? null, name, type, bytes, sha256 },
        })
        return stored
      }),

    get: async ({ actor, input }) => presentFile(await readable(actor, input.id, 'files.get')),

    async list({ actor, input }) {
      const { limit, projectId } = input
      const scope: CursorScope = { list: 'files', keyType: 'timestamptz', filters: { projectId } }
      const found = await repository.listFiles(database, actor, projectId, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      if (projectId !== undefined) {
        await auditBypassedRead(database, actor, {
          action: 'files.list',
          targetType: 'project',
          targetId: projectId,
        })
      }
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentFile,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
    },

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, wake }) => {
        const now = clock.now()
        if (!(await repository.markDeleting(db, actor, id, { min: 'editor', now })))
          throw await whyNotDeleted(db, actor, id)
        audit({ targetType: 'file', targetId: id })
        wake(FILES_GONE_TOPIC, '')
        return { ok: true }
      }),

    async link({ actor, input: { id } }) {
      const { userId, via, bypass } = actor
      if (bypass !== undefined) {
        throw fail('FORBIDDEN', { message: 'A link says nothing of why membership is stepped over.' })
      }
      if (via.kind === 'job') throw fail('FORBIDDEN', { message: 'A job has nobody who would open a link.' })
      await readable(actor, id, 'files.link')
      const { token, expiresAt } = links.issue({
        fileId: id,
        userId,
        via: { kind: via.kind, id: via.id },
      })
      return { url: `${publicUrl}/files/${id}?link=${token}`, expiresAt: expiresAt.toISOString() }
    },

    claim,
  }
}

async function requireEditor(db: Db, actor: Actor, projectId: string | undefined): Promise<void> {
  if (projectId === undefined) return
  const refused = await whyRefused(db, actor, projectId, 'editor')
  if (refused !== undefined) throw refused
}

/** Members who may read what they may not delete are told so; to all others it is not there. */
async function whyNotDeleted(db: Db, actor: Actor, id: string): Promise<Error> {
  const file = await db.file.findFirst({ where: { id, state: 'stored' }, select: { projectId: true } })
  if (file === null || file.projectId === null) return fail('NOT_FOUND')
  return (await whyRefused(db, actor, file.projectId, 'editor')) ?? fail('NOT_FOUND')
}
