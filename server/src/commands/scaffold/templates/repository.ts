import type { ModuleNames } from '../module-names.ts'

/** `<plural>.repository.ts`. */
export const repositoryTemplate = ({
  plural,
  model,
  table,
  type,
  types,
  one,
  many,
}: ModuleNames): string => `import type { Actor } from '../../contract/actor.ts'
import { type AppError, fail, failBecause } from '../../contract/errors.ts'
import { type Database, type Db, gathered, type Prisma, query } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import type { Position } from '../../platform/pagination/cursor.ts'
import { isAfter, type Order, orderBy } from '../../platform/pagination/keyset.ts'
import type { Slice } from '../../platform/pagination/page.ts'
import { perId, sqlValues } from '../../platform/pagination/sql-values.ts'
import { liveProjectOf, seatSql, whyRefused } from '../projects/index.ts'
import type { ${type}Row } from './${plural}.presenter.ts'

/** The columns of ${type}Row of the table \`x\`. */
const COLUMNS = \`x.id, x.project_id AS "projectId", x.name, x.created_by_id AS "createdById", x.version,
  x.created_at AS "createdAt", x.updated_at AS "updatedAt"\`

/** The same for Prisma. */
const select = {
  id: true,
  projectId: true,
  name: true,
  createdById: true,
  version: true,
  createdAt: true,
  updatedAt: true,
} satisfies Prisma.${type}Select

/** Newest first. */
const ORDER: Order = { key: 'x.created_at', keyType: 'timestamptz', nullable: false, descending: true, id: 'x.id' }

/** Creates ${one}; null when \`actor\` may not write to the project. */
export async function insert${type}(
  db: Db,
  actor: Actor,
  { projectId, name }: { readonly projectId: string; readonly name: string },
  now: Date,
): Promise<${type}Row | null> {
  const values = sqlValues()
  const seat = seatSql(values, actor, values.bind(projectId, 'uuid'), 'editor')
  const stamp = values.bind(now.toISOString(), 'timestamptz')
  const { text, values: bound } = values.statement(\`
    INSERT INTO "${table}" AS x (id, project_id, name, created_by_id, created_at, updated_at)
    SELECT \${values.bind(newId(now), 'uuid')}, seat.id, \${values.bind(name, 'text')},
      \${values.bind(actor.userId, 'uuid')}, \${stamp}, \${stamp}
    FROM (\${seat}) seat
    RETURNING \${COLUMNS}\`)
  // Every value is bound; "unsafe" is Prisma's word for text that is put together at run time.
  const rows = await db.$queryRawUnsafe<${type}Row[]>(text, ...bound)
  return rows[0] ?? null
}

/** What \`actor\` may read, or null. One round trip for all that a batch asks for. */
export const find${type} = gathered(async (database, actor: Actor, ids) => {
  const values = sqlValues()
  const seat = seatSql(values, actor, 'x.project_id', 'viewer')
  const from = \`FROM "${table}" x CROSS JOIN LATERAL (\${seat}) seat\`
  const text = perId(values, ids, (id) => \`SELECT \${COLUMNS} \${from} WHERE x.id = \${id}\`)
  return await query<${type}Row & Record<string, unknown>>(database, values.statement(text))
})

/**
 * The ${many} of a project that \`actor\` may read, one more than \`slice.limit\`, or null when there is no such project.
 * \`total\` when read by page number. One round trip.
 */
export async function list${types}(
  database: Pick<Database, 'pool'>,
  actor: Actor,
  projectId: string,
  slice: Slice<Position>,
): Promise<{ rows: ${type}Row[]; total: number | undefined } | null> {
  const values = sqlValues()
  const seat = seatSql(values, actor, values.bind(projectId, 'uuid'), 'viewer')
  const after = slice.by === 'cursor' && slice.after !== undefined ? slice.after : undefined
  const place = after === undefined ? '' : \`AND \${isAfter(ORDER, after, values)}\`
  const offset = slice.by === 'page' ? \`OFFSET \${values.bind(slice.offset, 'int')}\` : ''
  const matching = 'FROM "${table}" x WHERE x.project_id = seat.id'
  const total = slice.by === 'page' ? \`(SELECT count(*)::int \${matching})\` : 'NULL::int'
  const text = \`SELECT \${total} AS total, page.* FROM (\${seat}) seat LEFT JOIN LATERAL (
      SELECT \${COLUMNS} \${matching} \${place}
      ORDER BY \${orderBy(ORDER)} LIMIT \${values.bind(slice.limit + 1, 'int')} \${offset}
    ) page ON true ORDER BY page."createdAt" DESC, page.id DESC\`
  const rows = await query<(${type}Row | { id: null }) & { total: number | null }>(database, values.statement(text))
  const [first] = rows
  if (first === undefined) return null
  return { rows: rows.filter((row) => row.id !== null), total: first.total ?? undefined }
}

/** What is to become of which one. */
export interface ${type}Update {
  readonly id: string
  readonly version: number | undefined
  readonly data: Prisma.${type}UncheckedUpdateManyInput
}

/** Changes what \`actor\` may write, if it is still at \`version\`; null when one of these does not hold. */
export async function update${type}(
  db: Db,
  actor: Actor,
  { id, version, data }: ${type}Update,
): Promise<${type}Row | null> {
  const rows = await db.${model}.updateManyAndReturn({
    where: { id, ...(version === undefined ? {} : { version }), project: liveProjectOf(actor, 'editor') },
    data: { ...data, version: { increment: 1 } },
    select,
  })
  return rows[0] ?? null
}

/** Deletes what \`actor\` may write; false when there is none. */
export async function delete${type}(db: Db, actor: Actor, id: string): Promise<boolean> {
  const { count } = await db.${model}.deleteMany({ where: { id, project: liveProjectOf(actor, 'editor') } })
  return count === 1
}

/** Why nothing could be created in the project: NOT_FOUND or FORBIDDEN. */
export async function whyNotCreated(db: Db, actor: Actor, projectId: string): Promise<AppError> {
  return (await whyRefused(db, actor, projectId, 'editor')) ?? fail('NOT_FOUND')
}

/** Why it could not be changed: NOT_FOUND, FORBIDDEN, or somebody else changed it first. */
export async function whyNotChanged(db: Db, actor: Actor, id: string): Promise<AppError> {
  const row = await db.${model}.findUnique({ where: { id }, select: { projectId: true } })
  if (row === null) return fail('NOT_FOUND')
  return (await whyRefused(db, actor, row.projectId, 'editor')) ?? failBecause('VERSION_CONFLICT')
}
`
