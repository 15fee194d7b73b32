import type { Readable } from 'node:stream'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { ByteRange, Storage } from '../../platform/storage/index.ts'
import { auditBypassedRead } from '../projects/index.ts'
import { fileKey } from './file-key.ts'
import type { FileLinks } from './file-links.ts'
import { presentFile } from './files.presenter.ts'
import * as repository from './files.repository.ts'
import type { StoredFile } from './files.schema.ts'
import { findLinkedFile } from './linked-files.repository.ts'

/** Files for the route that serves their bytes. */
export interface Downloads {
  /** A file that `actor` may read now. @throws NOT_FOUND */
  find(actor: Actor, id: string): Promise<StoredFile>
  /** The user of a link that was made here and whose time is not over; says nothing of their rights. Null otherwise. */
  userOfLink(id: string, token: string): string | null
  /** The file of a link, by the rights its maker has now. @throws NOT_FOUND, the same for all that may be wrong */
  findLinked(id: string, token: string): Promise<StoredFile>
  /** @throws StorageError */
  read(file: StoredFile, range?: ByteRange): Promise<Readable>
}

/** What downloads are made of. */
interface DownloadsDeps {
  readonly database: Database
  readonly storage: Storage
  readonly clock: Clock
  readonly links: FileLinks
}

/** Builds {@link Downloads}. */
export function createDownloads({ database, storage, clock, links }: DownloadsDeps): Downloads {
  return {
    async find(actor, id) {
      const row = await repository.findFile(database, actor, id)
      if (row === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, { action: 'files.download', targetType: 'file', targetId: id })
      return presentFile(row)
    },
    userOfLink: (id, token) => links.read(id, token)?.userId ?? null,
    async findLinked(id, token) {
      const link = links.read(id, token)
      const row = link === null ? null : await findLinkedFile(database, link, clock.now())
      if (row === null) throw fail('NOT_FOUND', { message: 'This link is not valid any more.' })
      return presentFile(row)
    },
    read: (file, range) => storage.read(fileKey(file.id), range),
  }
}
