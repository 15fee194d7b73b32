import type { z } from 'zod'
import type { Actor } from '../../contract/actor.ts'
import { fail, failBecause, invalid } from '../../contract/errors.ts'
import { sliceOf } from '../../contract/page-request.ts'
import type { UnitOfWork } from '../../contract/unit-of-work.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Database, isUniqueViolation, type Tx } from '../../platform/database/index.ts'
import { type CursorScope, encodeCursor } from '../../platform/pagination/cursor.ts'
import { isoOf } from '../../platform/pagination/moments.ts'
import { type Page, pageOf } from '../../platform/pagination/page.ts'
import { statsTag } from '../accounts/index.ts'
import { notify } from '../notifications/index.ts'
import { whyRefused } from './access.ts'
import { auditBypassedRead } from './bypass-audit.ts'
import type {
  Member,
  ProjectsMembersAddInput,
  ProjectsMembersListInput,
  ProjectsMembersRemoveInput,
  ProjectsMembersSetRoleInput,
} from './member.schema.ts'
import * as repository from './members.repository.ts'
import { membershipTopic } from './membership-topic.ts'
import { presentMember } from './project.presenter.ts'

type Call<Input> = { readonly actor: Actor; readonly input: Input }
type Write<Input, Answer> = Call<Input> & { readonly unit: UnitOfWork<Answer> }

/** Who works in a project. To people outside of it the project does not exist: NOT_FOUND. */
export interface MembersService {
  /** Longest members first. @throws NOT_FOUND */
  list(call: Call<z.output<typeof ProjectsMembersListInput>>): Promise<Page<Member>>
  /** @throws NOT_FOUND, FORBIDDEN, BAD_REQUEST (`email` belongs to no user), ALREADY_MEMBER */
  add(call: Write<z.output<typeof ProjectsMembersAddInput>, Member>): Promise<Member>
  /** @throws NOT_FOUND, FORBIDDEN, LAST_OWNER */
  setRole(call: Write<z.output<typeof ProjectsMembersSetRoleInput>, Member>): Promise<Member>
  /** Also how members leave. Their tasks stay assigned, their streams end. @throws NOT_FOUND, FORBIDDEN, LAST_OWNER */
  remove(call: Write<z.output<typeof ProjectsMembersRemoveInput>, { ok: true }>): Promise<{ ok: true }>
}

/** What the service is made of. */
export interface MembersServiceDeps {
  readonly database: Database
  readonly clock: Clock
  /** The live user with this address, however it is spelled. */
  readonly findUserByEmail: (db: Tx, email: string) => Promise<{ readonly id: string } | null>
}

/** Builds the {@link MembersService}. */
export function createMembersService(deps: MembersServiceDeps): MembersService {
  const { database, clock, findUserByEmail } = deps
  return {
    async list({ actor, input }) {
      const { projectId, limit } = input
      const scope: CursorScope = { list: 'members', keyType: 'timestamptz', filters: { projectId } }
      const found = await repository.listMembers(database, actor, projectId, sliceOf(input, scope))
      if (found === null) throw fail('NOT_FOUND')
      await auditBypassedRead(database, actor, {
        action: 'members.list',
        targetType: 'project',
        targetId: projectId,
      })
      return pageOf(found.rows, {
        limit,
        total: found.total,
        present: presentMember,
        cursorOf: (row) => encodeCursor(scope, { key: isoOf(row.createdAt), id: row.userId }),
      })
    },

    add: ({ actor, input, unit }) =>
      unit.commit(async (change) => {
        const { db, audit, invalidateEventually } = change
        const { projectId, email, role } = input
        await requireOwner(db, actor, projectId)
        const user = await findUserByEmail(db, email)
        if (user === null) throw invalid('email', 'Nobody has an account with this e-mail address.', email)
        const place = { projectId, userId: user.id, role }
        await insertOnce(() => repository.insertMember(db, place, clock.now()))
        audit({ targetType: 'project', targetId: projectId, changes: { userId: user.id, role } })
        invalidateEventually(statsTag(user.id))
        if (user.id !== actor.userId) {
          const notice = {
            userId: user.id,
            kind: 'project.joined',
            subject: 'You were added to a project',
            body: await repository.findProjectName(db, projectId),
            target: { type: 'project', id: projectId },
            senderId: actor.userId,
          }
          await notify(change, notice, clock.now())
        }
        return memberOf(db, projectId, user.id)
      }),

    setRole: ({ actor, input, unit }) =>
      unit.commit(async ({ db, audit, announce }) => {
        const { projectId, userId, role } = input
        const owners = await requireOwner(db, actor, projectId)
        if (role !== 'owner') keepAnOwner(owners, userId)
        if (!(await repository.updateRole(db, input, clock.now()))) throw fail('NOT_FOUND')
        audit({ targetType: 'project', targetId: projectId, changes: { userId, role } })
        announce(membershipTopic(projectId), userId)
        return memberOf(db, projectId, userId)
      }),

    remove: ({ actor, input: { projectId, userId }, unit }) =>
      unit.commit(async ({ db, audit, announce, invalidate }) => {
        const leaving = userId === actor.userId
        const owners = leaving
          ? await repository.lockOwners(db, projectId)
          : await requireOwner(db, actor, projectId)
        keepAnOwner(owners, userId)
        if (!(await repository.deleteMember(db, projectId, userId))) throw fail('NOT_FOUND')
        audit({ targetType: 'project', targetId: projectId, changes: { userId } })
        announce(membershipTopic(projectId), userId)
        // They may not see any more what it was counted from.
        invalidate(statsTag(userId))
        return { ok: true }
      }),
  }
}

/** The project's owners, locked, of whom the caller must be one (or a super admin who said why). */
async function requireOwner(db: Tx, actor: Actor, projectId: string): Promise<string[]> {
  const owners = await repository.lockOwners(db, projectId)
  if (owners.includes(actor.userId)) return owners
  const refused = await whyRefused(db, actor, projectId, 'owner')
  if (refused !== undefined) throw refused
  return owners
}

function keepAnOwner(owners: readonly string[], userId: string): void {
  if (owners.length === 1 && owners[0] === userId) throw failBecause('LAST_OWNER')
}

async function insertOnce(insert: () => Promise<void>): Promise<void> {
  try {
    await insert()
  } catch (error) {
    if (isUniqueViolation(error)) throw failBecause('ALREADY_MEMBER', { cause: error })
    throw error
  }
}

async function memberOf(db: Tx, projectId: string, userId: string): Promise<Member> {
  const row = await repository.findMember(db, projectId, userId)
  if (row === null) throw fail('NOT_FOUND')
  return presentMember(row)
}
