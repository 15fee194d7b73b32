import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, failBecause } from '../../../contract/errors.ts'
import { roleAtLeast, type SystemRole } from '../../../contract/policy.ts'
import type { Change, UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/database/index.ts'
import type { User } from '../accounts.schema.ts'
import { announceActor } from '../actors-topic.ts'
import { revokeSessions } from '../auth/sessions.repository.ts'
import { ALL_STATS } from './stats-tags.ts'
import { lockForRoles, revokeAllKeys, updateUser } from './users.admin.repository.ts'
import { presentUser } from './users.presenter.ts'

type UserAnswer = z.input<typeof User>

interface OnUser<Answer> {
  readonly actor: Actor
  readonly input: { readonly id: string }
  readonly unit: UnitOfWork<Answer>
}

/**
 * Roles, suspension and deletion. Nobody acts on themselves (deletion aside) or on somebody of an equal or higher role,
 * super admins excepted; the last super admin stays.
 */
export interface UserRightsService {
  /** @throws NOT_FOUND, FORBIDDEN */
  setRole(
    call: OnUser<UserAnswer> & { readonly input: { readonly id: string; readonly role: SystemRole } },
  ): Promise<UserAnswer>
  /** Locks a user out; sessions and keys are dead until {@link unsuspend}. @throws NOT_FOUND, FORBIDDEN */
  suspend(call: OnUser<UserAnswer>): Promise<UserAnswer>
  /** @throws NOT_FOUND, FORBIDDEN */
  unsuspend(call: OnUser<UserAnswer>): Promise<UserAnswer>
  /**
   * Ends an account for good, with the projects nobody else is left in, and frees its address.
   * @throws NOT_FOUND, FORBIDDEN, LAST_SUPER_ADMIN, LAST_OWNER
   */
  delete(call: OnUser<{ ok: true }>): Promise<{ ok: true }>
}

/**
 * Sees to the projects of a user who is about to be deleted, in the same transaction.
 * @throws LAST_OWNER when other people's work would be left without an owner
 */
export type ReleaseProjects = (change: Change, userId: string, now: Date) => Promise<void>

/** Builds the service. */
export function createUserRightsService(deps: {
  readonly clock: Clock
  readonly releaseProjects: ReleaseProjects
}): UserRightsService {
  const { clock, releaseProjects } = deps
  const suspension = (suspendedAt: Date | null) => (call: OnUser<UserAnswer>) =>
    changeOf(call, async (change, id) => there(await updateUser(change.db, id, { suspendedAt })))

  return {
    async setRole({ actor, input, unit }) {
      const { id, role } = input
      if (actor.userId === id) throw fail('FORBIDDEN', { message: 'Nobody changes their own role.' })
      return await unit.commit(async (change) => {
        const { target, acting } = await lockedPair(change.db, actor, id)
        if (acting !== 'super_admin') throw fail('FORBIDDEN')
        const user = there(await updateUser(change.db, id, { role }))
        change.audit({ targetType: 'user', targetId: id, changes: { role: { from: target, to: role } } })
        announceActor(change, id)
        return presentUser(user)
      })
    },
    suspend: (call) => suspension(clock.now())(call),
    unsuspend: (call) => suspension(null)(call),
    async delete({ actor, input, unit }) {
      const { id } = input
      const self = actor.userId === id
      if (!self && !roleAtLeast(actor.role, 'admin')) throw fail('NOT_FOUND')
      return await unit.commit(async (change) => {
        const { target, acting, superAdmins } = await lockedPair(change.db, actor, id)
        if (!self) requireAbove(acting, target)
        if (target === 'super_admin' && superAdmins.every((one) => one === id)) {
          throw failBecause('LAST_SUPER_ADMIN', {
            message: 'The last super admin stays; make another one first.',
          })
        }
        const now = clock.now()
        await releaseProjects(change, id, now)
        there(await updateUser(change.db, id, { deletedAt: now }))
        await revokeSessions(change.db, { userId: id }, 'deleted', now)
        await revokeAllKeys(change.db, id, now)
        change.audit({ targetType: 'user', targetId: id })
        announceActor(change, id)
        // Their projects may have gone with them, and with those what others did there.
        change.invalidate(ALL_STATS)
        return { ok: true }
      })
    },
  }
}

/** A change of one user by another who stands above. */
async function changeOf(
  { actor, input, unit }: OnUser<UserAnswer>,
  work: (change: Change, id: string) => Promise<Parameters<typeof presentUser>[0]>,
): Promise<UserAnswer> {
  const { id } = input
  if (actor.userId === id) throw fail('FORBIDDEN', { message: 'Nobody does this to themselves.' })
  return await unit.commit(async (change) => {
    const { target, acting } = await lockedPair(change.db, actor, id)
    requireAbove(acting, target)
    const user = await work(change, id)
    change.audit({ targetType: 'user', targetId: id })
    announceActor(change, id)
    return presentUser(user)
  })
}

/**
 * Both roles as they are under the lock: whoever was demoted a moment ago, whatever this process still takes them for,
 * acts with what is left.
 * @throws UNAUTHORIZED when the actor is gone or suspended; NOT_FOUND when the target is gone
 */
async function lockedPair(db: Db, actor: Actor, id: string) {
  const rows = await lockForRoles(db, actor.userId, id)
  const acting = rows.find((row) => row.id === actor.userId)
  if (acting === undefined || acting.suspended) throw fail('UNAUTHORIZED')
  const target = there(rows.find((row) => row.id === id) ?? null)
  const superAdmins = rows.filter((row) => row.role === 'super_admin' && !row.suspended).map((row) => row.id)
  return { target: target.role, acting: acting.role, superAdmins }
}

function requireAbove(acting: SystemRole, target: SystemRole): void {
  if (acting === 'super_admin' || (acting === 'admin' && target === 'user')) return
  throw fail('FORBIDDEN', { message: 'Only a super admin does this to an admin.' })
}

function there<T>(found: T | null): T {
  if (found === null) throw fail('NOT_FOUND')
  return found
}
