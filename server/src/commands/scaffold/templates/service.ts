import type { ModuleNames } from '../module-names.ts'

/** `<plural>.service.ts`. */
export const serviceTemplate = ({
  plural,
  router,
  singular,
  type,
  types,
  many,
}: ModuleNames): string => `import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { auditBypassedRead, given } from '../projects/index.ts'
import { present${type} } from './${plural}.presenter.ts'
import * as repository from './${plural}.repository.ts'
import type { ${type}, ${types}CreateInput, ${types}GetInput, ${types}ListInput, ${types}UpdateInput } from './${plural}.schema.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = z.output<typeof ${types}GetInput>

/** The ${many} of projects. Members read, editors write; to everybody else they do not exist: NOT_FOUND. */
export interface ${types}Service {
  /** @throws NOT_FOUND, FORBIDDEN */
  create(call: Write<z.output<typeof ${types}CreateInput>, ${type}>): Promise<${type}>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<${type}>
  /** @throws NOT_FOUND, BAD_REQUEST (\`cursor\`, \`page\`) */
  list(call: Call<z.output<typeof ${types}ListInput>>): Promise<Page<${type}>>
  /** @throws NOT_FOUND, FORBIDDEN, VERSION_CONFLICT */
  update(call: Write<z.output<typeof ${types}UpdateInput>, ${type}>): Promise<${type}>
  /** @throws NOT_FOUND (also the second time), FORBIDDEN */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
}

/** What the service is made of. */
export interface ${types}ServiceDeps {
  readonly database: Database
  readonly clock: Clock
}

/** Builds the {@link ${types}Service}. */
export function create${types}Service({ database, clock }: ${types}ServiceDeps): ${types}Service {
  return {
    create: ({ actor, input, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const row = await repository.insert${type}(db, actor, input, clock.now())
        if (row === null) throw await repository.whyNotCreated(db, actor, input.projectId)
        audit({ targetType: '${singular}', targetId: row.id, changes: given(input) })
        return present${type}(row)
      }),

    async get({ actor, input }) {
      const row = await repository.find${type}(database, actor, input.id)
      if (row === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, { action: '${router}.get', targetType: '${singular}', targetId: row.id })
      return present${type}(row)
    },

    async list({ actor, input }) {
      const { projectId, limit } = input
      const scope: CursorScope = { list: '${router}', keyType: 'timestamptz', filters: { projectId } }
      const found = await repository.list${types}(database, actor, projectId, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, { action: '${router}.list', targetType: 'project', targetId: projectId })
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: present${type},
        cursorOf: (row) => encodeCursor(scope, { key: present${type}(row).createdAt, id: row.id }),
      })
    },

    update: ({ actor, input: { id, data, version }, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const changes = given(data)
        const update = { id, version, data: { ...changes, updatedAt: clock.now() } }
        const row = await repository.update${type}(db, actor, update)
        if (row === null) throw await repository.whyNotChanged(db, actor, id)
        audit({ targetType: '${singular}', targetId: id, changes })
        return present${type}(row)
      }),

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const isDeleted = await repository.delete${type}(db, actor, id)
        if (!isDeleted) throw await repository.whyNotChanged(db, actor, id)
        audit({ targetType: '${singular}', targetId: id })
        return { ok: true }
      }),
  }
}
`
