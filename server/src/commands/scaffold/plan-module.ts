import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { changesFor } from './changed-files.ts'
import { insertAll, ScaffoldBlocked } from './edits.ts'
import { type ModuleNames, NameRefused } from './module-names.ts'
import { downTemplate, migrationTemplate, modelTemplate } from './templates/database.ts'
import { repositoryTemplate } from './templates/repository.ts'
import { routerTemplate } from './templates/router.ts'
import { schemaTemplate } from './templates/schema.ts'
import { serviceTemplate } from './templates/service.ts'
import { examplesTemplate, indexTemplate, presenterTemplate } from './templates/small-files.ts'
import { testTemplate } from './templates/test.ts'

/** A file as it is to be. */
export interface PlannedFile {
  /** From the top of the repository. */
  readonly path: string
  readonly content: string
  /** What is there now; undefined for a new file. */
  readonly before: string | undefined
}

/**
 * Everything that a new module writes, in memory.
 *
 * @throws NameRefused when the name is taken, ScaffoldBlocked when a file is in the way or does not look as expected
 */
export function planModule(root: string, names: ModuleNames, now: Date): PlannedFile[] {
  requireFree(root, names)
  const created = Object.entries(newFiles(names, migrationName(root, names, now))).map(([file, content]) => {
    if (existsSync(path.join(root, file))) throw new ScaffoldBlocked(`${file} is there already.`)
    return { path: file, content, before: undefined }
  })
  const changed = Object.entries(changesFor(names)).map(([file, insertions]) => {
    const before = read(root, file)
    return { path: file, content: insertAll(file, before, insertions), before }
  })
  return [...created, ...changed]
}

function newFiles(names: ModuleNames, migration: string): Record<string, string> {
  const { plural } = names
  const module = `server/src/modules/${plural}`
  return {
    [`${module}/${plural}.schema.ts`]: schemaTemplate(names),
    [`${module}/${plural}.router.ts`]: routerTemplate(names),
    [`${module}/${plural}.service.ts`]: serviceTemplate(names),
    [`${module}/${plural}.repository.ts`]: repositoryTemplate(names),
    [`${module}/${plural}.presenter.ts`]: presenterTemplate(names),
    [`${module}/index.ts`]: indexTemplate(names),
    [`prisma/schema/${plural}.prisma`]: modelTemplate(names),
    [`prisma/migrations/${migration}/migration.sql`]: migrationTemplate(names),
    [`prisma/migrations/${migration}/down.sql`]: downTemplate(names),
    [`tests/support/examples/${plural}.ts`]: examplesTemplate(names),
    [`tests/api/${plural}/${plural}.test.ts`]: testTemplate(names),
  }
}

/** Migrations run in the order of their names: this one comes last, whatever the clock says. */
function migrationName(root: string, { table }: ModuleNames, now: Date): string {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14)
  const stamps = readdirSync(path.join(root, 'prisma/migrations')).map((name) => name.slice(0, 14))
  const last =
    stamps
      .filter((name) => /^\d{14}$/.test(name))
      .sort()
      .at(-1) ?? ''
  return `${stamp > last ? stamp : String(BigInt(last) + 1n)}_${table}`
}

function requireFree(root: string, { plural, router, type, types, table }: ModuleNames): void {
  if (existsSync(path.join(root, 'server/src/modules', plural)))
    throw new NameRefused(`There is a module "${plural}" already.`)
  for (const file of ['server/src/create-modules.ts', 'server/src/router.ts']) {
    const used = [router, types, `create${types}`].find((name) =>
      new RegExp(`\\b${name}\\b`).test(read(root, file)),
    )
    if (used !== undefined)
      throw new NameRefused(`"${used}" is used in ${file} already; choose another name.`)
  }
  const folder = path.join(root, 'prisma/schema')
  const schema = readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n')
  if (new RegExp(`^(?:model|enum) ${type} `, 'm').test(schema) || schema.includes(`@@map("${table}")`))
    throw new NameRefused(`The database has ${type} (table ${table}) already; choose another name.`)
  if (
    new RegExp(`^export (?:type|interface) ${type}\\b`, 'm').test(
      read(root, 'client-sdk/src/generated/types.ts'),
    )
  )
    throw new NameRefused(`"${type}" is a type of the SDK already; choose another name.`)
}

function read(root: string, file: string): string {
  try {
    return readFileSync(path.join(root, file), 'utf8')
  } catch {
    throw new ScaffoldBlocked(`${file} cannot be read.`)
  }
}
