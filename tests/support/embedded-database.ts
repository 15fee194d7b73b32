import { constants } from 'node:fs'
import { access, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { migrate, type OpenDatabaseOptions, openDatabase } from '../../server/src/platform/database/index.ts'
import { prepareBoss } from '../../server/src/platform/jobs/boss.ts'
import type { TestDatabase } from './database.ts'
import { migrationsFingerprint } from './migrations-fingerprint.ts'

type Settings = Omit<OpenDatabaseOptions, 'url' | 'dataDirectory'>

/** An embedded database in a folder of its own, copied from a prepared one. */
export async function createEmbeddedDatabase(settings: Settings): Promise<TestDatabase> {
  const dataDirectory = await copyTemplate()
  const database = await openDatabase({ ...settings, dataDirectory })
  return {
    database,
    async drop() {
      await database.close()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

/** A data directory with a migrated, closed database in it; the caller removes it. */
export async function copyTemplate(): Promise<string> {
  const template = await prepareTemplate()
  const dataDirectory = await mkdtemp(join(tmpdir(), 'plinth-test-'))
  await cp(template, dataDirectory, { recursive: true, mode: constants.COPYFILE_FICLONE })
  return dataDirectory
}

/** Made under another name and renamed when it is complete; of two that are made at once the first one stays. */
async function prepareTemplate(): Promise<string> {
  const shelf = join(tmpdir(), `plinth-test-templates-${userInfo().uid}`)
  const template = join(shelf, await migrationsFingerprint())
  if (await exists(template)) return template
  await mkdir(shelf, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(join(shelf, 'draft-'))
  const database = await openDatabase({
    dataDirectory: draft,
    poolSize: 1,
    poolWaitMs: 60_000,
    statementTimeoutMs: 60_000,
  })
  try {
    await migrate(database)
    await prepareBoss(database, console)
  } finally {
    await database.close()
  }
  await rename(draft, template).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!(await exists(template))) throw error
  })
  return template
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
