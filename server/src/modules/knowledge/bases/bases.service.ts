import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause } from '../../../contract/errors.ts'
import { sliceOf } from '../../../contract/page-request.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../../platform/pagination/cursor.ts'
import { isoOf } from '../../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../../platform/pagination/page.ts'
import { auditBypassedRead, whyRefused } from '../../projects/index.ts'
import { KNOWLEDGE_GONE_TOPIC } from '../gone-topic.ts'
import { whyBaseRefused } from '../knowledge-access.ts'
import { presentBase } from './bases.presenter.ts'
import * as repository from './bases.repository.ts'
import type {
  KnowledgeBase,
  KnowledgeBasesCreateInput,
  KnowledgeBasesGetInput,
  KnowledgeBasesListInput,
  KnowledgeBasesUpdateInput,
} from './bases.schema.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = z.output<typeof KnowledgeBasesGetInput>

/** How many there can be in one project, and how many of a user alone. */
const MOST_BASES = 100

/**
 * Knowledge bases. A project's are read by its members and changed by its editors; one without a project is its owner's
 * alone. To everybody else they do not exist: NOT_FOUND.
 */
export interface BasesService {
  /** @throws NOT_FOUND, FORBIDDEN (the project), TOO_MANY_KNOWLEDGE_BASES */
  create(call: Write<z.output<typeof KnowledgeBasesCreateInput>, KnowledgeBase>): Promise<KnowledgeBase>
  /** Newest first. @throws NOT_FOUND (the project), BAD_REQUEST (`cursor`, `page`) */
  list(call: Call<z.output<typeof KnowledgeBasesListInput>>): Promise<Page<KnowledgeBase>>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<KnowledgeBase>
  /** @throws NOT_FOUND, FORBIDDEN */
  update(call: Write<z.output<typeof KnowledgeBasesUpdateInput>, KnowledgeBase>): Promise<KnowledgeBase>
  /** Gone at once for everybody; documents, files and vectors follow. @throws NOT_FOUND, FORBIDDEN */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
}

/** What the service is made of. */
export interface BasesServiceDeps {
  readonly database: Database
  readonly clock: Clock
}

/** Builds the {@link BasesService}. */
export function createBasesService({ database, clock }: BasesServiceDeps): BasesService {
  return {
    create: ({ actor, input: { name, projectId }, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const refused = projectId === undefined ? undefined : await whyRefused(db, actor, projectId, 'editor')
        if (refused !== undefined) throw refused
        const ownerId = actor.userId
        const whose = projectId === undefined ? { ownerId } : { ownerId, projectId }
        if ((await repository.countBases(db, whose)) >= MOST_BASES)
          throw failBecause('TOO_MANY_KNOWLEDGE_BASES')
        const base = { name, ownerId, projectId: projectId ?? null, now: clock.now() }
        const created = presentBase(await repository.insertBase(db, base))
        audit({
          targetType: 'knowledgeBase',
          targetId: created.id,
          changes: { name, projectId: projectId ?? null },
        })
        return created
      }),

    async list({ actor, input }) {
      const { limit, projectId } = input
      const scope: CursorScope = { list: 'knowledgeBases', keyType: 'timestamptz', filters: { projectId } }
      const found = await repository.listBases(database, actor, projectId, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      if (projectId !== undefined) {
        const target = { targetType: 'project', targetId: projectId }
        await auditBypassedRead(database, actor, { action: 'knowledgeBases.list', ...target })
      }
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentBase,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
    },

    async get({ actor, input: { id } }) {
      const row = await repository.findBase(database, actor, id)
      if (row === null) throw fail('NOT_FOUND')
      const target = { targetType: 'knowledgeBase', targetId: id }
      await auditBypassedRead(database, actor, { action: 'knowledgeBases.get', ...target })
      return presentBase(row)
    },

    update: ({ actor, input: { id, data }, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const row = await repository.renameBase(db, actor, { id, name: data.name, now: clock.now() })
        if (row === null) throw (await whyBaseRefused(db, actor, id, 'editor')) ?? fail('NOT_FOUND')
        audit({ targetType: 'knowledgeBase', targetId: id, changes: data })
        return presentBase(row)
      }),

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, wake }) => {
        if (!(await repository.markBaseDeleted(db, actor, { id, now: clock.now() })))
          throw (await whyBaseRefused(db, actor, id, 'editor')) ?? fail('NOT_FOUND')
        audit({ targetType: 'knowledgeBase', targetId: id })
        wake(KNOWLEDGE_GONE_TOPIC, '')
        return { ok: true }
      }),
  }
}
