import type { Actor } from '../../contract/actor.ts'
import { type AppError, fail } from '../../contract/errors.ts'
import type { MemberRole } from '../../contract/policy.ts'
import type { Db } from '../../platform/database/index.ts'
import type { SqlValues } from '../../platform/pagination/sql-values.ts'
import { refusal } from '../projects/index.ts'

/**
 * The condition that a knowledge base `k` is there and the actor's own, or belongs to a live project in which they have
 * at least the role `min`. Statements carry it, so that what is not the actor's is as if it were not there. Whoever
 * steps over membership sees the bases of all projects: name one, or leave `bypass` out.
 */
export function mayUseBase(
  values: SqlValues,
  actor: Pick<Actor, 'userId' | 'bypass'>,
  min: MemberRole,
): string {
  const user = values.bind(actor.userId, 'uuid')
  const member =
    actor.bypass === undefined
      ? `JOIN project_members m ON m.project_id = p.id AND m.user_id = ${user}
         AND m.role >= ${values.bind(min, 'project_role')}`
      : ''
  return `k.deleted_at IS NULL AND (
    (k.project_id IS NULL AND k.owner_id = ${user})
    OR EXISTS (SELECT 1 FROM projects p ${member} WHERE p.id = k.project_id AND p.deleted_at IS NULL))`
}

/**
 * Why `actor` may not do what needs the role `min` with a knowledge base: FORBIDDEN for members of its project with a
 * weaker role, NOT_FOUND for everybody else, as if it did not exist. Undefined when nothing is in the way.
 */
export async function whyBaseRefused(
  db: Db,
  actor: Actor,
  id: string,
  min: MemberRole,
): Promise<AppError | undefined> {
  const base = await db.knowledgeBase.findFirst({
    where: { id, deletedAt: null },
    select: {
      ownerId: true,
      project: {
        select: { deletedAt: true, members: { where: { userId: actor.userId }, select: { role: true } } },
      },
    },
  })
  if (base === null) return fail('NOT_FOUND')
  const { ownerId, project } = base
  if (project === null) return ownerId === actor.userId ? undefined : fail('NOT_FOUND')
  if (project.deletedAt !== null) return fail('NOT_FOUND')
  return actor.bypass === undefined ? refusal(project.members[0]?.role, min) : undefined
}
