import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Bus } from '../../platform/events/bus.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Secrets } from '../../platform/secrets/index.ts'
import type { Storage } from '../../platform/storage/index.ts'
import { createCollector } from './collector.ts'
import { createDownloads } from './downloads.ts'
import { fileKey } from './file-key.ts'
import { createFileLinks } from './file-links.ts'
import { createFilesRouter } from './files.router.ts'
import { createFilesService } from './files.service.ts'
import { createIntake } from './intake.ts'
import { type SaveGenerated, saveGenerated } from './save-generated.ts'
import type { StorageQuota } from './upload-room.ts'

export { FILES_GONE_TOPIC } from './collector.ts'
export type { Downloads } from './downloads.ts'
export type { StoredFile } from './files.schema.ts'
export type { FilesService } from './files.service.ts'
export type { GeneratedFile, SaveGenerated } from './save-generated.ts'

/** What the module is made of. */
export interface FilesDeps {
  readonly database: Database
  readonly storage: Storage
  readonly bus: Bus
  readonly clock: Clock
  readonly secrets: Secrets
  readonly logger: Logger
  readonly config: {
    readonly publicUrl: string
    readonly storageQuota: StorageQuota
    readonly maxFileBytes: number
    readonly maxUploads: number
  }
}

/** Builds the files module. */
export function createFiles({ database, storage, bus, clock, secrets, logger, config }: FilesDeps) {
  const { publicUrl, storageQuota: quota, maxFileBytes, maxUploads } = config
  const intake = createIntake({ database, storage, logger, quota, maxFileBytes, maxUploads })
  const collector = createCollector({ database, storage, bus, logger })
  const links = createFileLinks(secrets, clock)
  const files = createFilesService({ database, clock, publicUrl }, links, (id) => intake.claimed(id))
  const save: SaveGenerated = (file, keep) => saveGenerated({ intake, files }, file, keep)
  return {
    router: createFilesRouter(files),
    downloads: createDownloads({ database, storage, clock, links }),
    /** For the pipeline. */
    uploads: intake,
    /** Keeps an uploaded file with the transaction of another module's procedure. */
    claim: files.claim,
    /** Keeps a file that the server made. */
    save,
    /** The bytes of a stored file, for work whose rights were checked. @throws StorageError */
    read: (id: string) => storage.read(fileKey(id)),
    /** Removes what is due now. */
    collect: () => collector.collect(),
    reconcile: () => collector.reconcile(),
    /** @param collecting whether this process removes what is deleted and abandoned */
    start(collecting: boolean) {
      intake.start()
      if (collecting) collector.start()
    },
    async close() {
      intake.close()
      await collector.close()
    },
  }
}

/** The files module as the composition root holds it. */
export type Files = ReturnType<typeof createFiles>
