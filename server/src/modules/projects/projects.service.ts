import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail, failBecause } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { MemberRole } from '../../contract/policy.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Database, isUniqueViolation } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { isoOf } from '../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { ALL_STATS, statsTag } from '../accounts/index.ts'
import { refuse, whyRefused } from './access.ts'
import { auditBypassedRead } from './bypass-audit.ts'
import { given } from './given.ts'
import { membershipTopic } from './membership-topic.ts'
import { presentProject } from './project.presenter.ts'
import type {
  Project,
  ProjectsCreateInput,
  ProjectsGetInput,
  ProjectsListInput,
  ProjectsUpdateInput,
} from './project.schema.ts'
import * as repository from './projects.repository.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }
type ById = z.output<typeof ProjectsGetInput>

/** Projects, for the people who work in them. To everybody else they do not exist: NOT_FOUND. */
export interface ProjectsService {
  /** @throws SLUG_TAKEN */
  create(call: Write<z.output<typeof ProjectsCreateInput>, Project>): Promise<Project>
  /** @throws NOT_FOUND */
  get(call: Call<ById>): Promise<Project>
  /** The caller's own projects, newest first. */
  list(call: Call<z.output<typeof ProjectsListInput>>): Promise<Page<Project>>
  /** @throws NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, SLUG_TAKEN */
  update(call: Write<z.output<typeof ProjectsUpdateInput>, Project>): Promise<Project>
  /** Hides the project and its tasks, and ends its streams. @throws NOT_FOUND, FORBIDDEN */
  delete(call: Write<ById, { ok: true }>): Promise<{ ok: true }>
  /** Brings a deleted project back; one that is not deleted stays as it is. @throws NOT_FOUND, FORBIDDEN */
  restore(call: Write<ById, Project>): Promise<Project>
}

/** What the service is made of. */
export interface ProjectsServiceDeps {
  readonly database: Database
  readonly clock: Clock
}

/** Builds the {@link ProjectsService}. */
export function createProjectsService({ database, clock }: ProjectsServiceDeps): ProjectsService {
  return {
    create: ({ actor, input, unit }) =>
      unit.commit(async ({ db, audit, invalidateEventually }) => {
        const data = { ...input, description: input.description ?? null }
        const row = await slugChecked(data.slug, () =>
          repository.insertProject(db, actor.userId, data, clock.now()),
        )
        audit({ targetType: 'project', targetId: row.id, changes: data })
        invalidateEventually(statsTag(actor.userId))
        return presentProject(row, 'owner')
      }),

    async get({ actor, input }) {
      const row = await repository.findProject(database, actor, input.id)
      if (row === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, {
        action: 'projects.get',
        targetType: 'project',
        targetId: row.id,
      })
      return presentProject(row, row.role)
    },

    async list({ actor, input }) {
      const { search, limit } = input
      const scope: CursorScope = { list: 'projects', keyType: 'timestamptz', filters: { search } }
      const { rows, total } = await repository.listProjects(
        database,
        actor.userId,
        search,
        sliceOf(input, scope),
      )
      return pageOf(rows, {
        limit,
        total,
        present: (row) => presentProject(row, row.role),
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.id }),
      })
    },

    update: ({ actor, input, unit }) =>
      unit.commit(async ({ db, audit }) => {
        const { id, data, version } = input
        const changes = given(data)
        const row = await slugChecked(data.slug, () =>
          repository.updateProject(db, actor, id, version, { ...changes, updatedAt: clock.now() }),
        )
        if (row === null) throw (await whyRefused(db, actor, id, 'owner')) ?? failBecause('VERSION_CONFLICT')
        audit({ targetType: 'project', targetId: id, changes })
        return presentProject(row, roleShown(actor))
      }),

    delete: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, announce, invalidate }) => {
        const deleted = await repository.softDeleteProject(db, actor, id, clock.now())
        if (!deleted) throw (await whyRefused(db, actor, id, 'owner')) ?? fail('NOT_FOUND')
        audit({ targetType: 'project', targetId: id })
        announce(membershipTopic(id), '')
        // Nobody may see it any more, not even in a sum.
        invalidate(ALL_STATS)
        return { ok: true }
      }),

    restore: ({ actor, input: { id }, unit }) =>
      unit.commit(async ({ db, audit, invalidateEventually }) => {
        const restored = await repository.restoreProject(db, actor, id, clock.now())
        const project = await repository.findWithMembership(db, id, actor.userId)
        if (project === null) throw fail('NOT_FOUND')
        if (restored) {
          audit({ targetType: 'project', targetId: id })
          invalidateEventually(ALL_STATS)
        } else if (actor.bypass === undefined) refuse(project.members[0]?.role, 'owner')
        return presentProject(project, roleShown(actor))
      }),
  }
}

/** Where only owners get through, the caller is one, or a super admin who said why. */
function roleShown(actor: Actor): MemberRole | null {
  return actor.bypass === undefined ? 'owner' : null
}

async function slugChecked<T>(slug: string | undefined, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (slug === undefined || !isUniqueViolation(error)) throw error
    throw failBecause('SLUG_TAKEN', {
      issues: [{ field: 'slug', message: 'The slug is taken; choose another.', value: slug }],
      cause: error,
    })
  }
}
