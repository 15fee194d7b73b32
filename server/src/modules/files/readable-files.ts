import type { Actor } from '../../contract/actor.ts'
import type { MemberRole } from '../../contract/policy.ts'
import type { SqlValues } from '../../platform/pagination/sql-values.ts'

/** A file's columns, for statements that call it `f`. */
export const FILE_COLUMNS = `f.id, f.project_id AS "projectId", f.owner_id AS "ownerId", f.name, f.type, f.bytes,
  f.sha256, f.purpose, f.created_at AS "createdAt"`

/**
 * The condition that a stored file `f` is the actor's own, or belongs to a live project in which they have at least the
 * role `min`.
 */
export function mayUseFile(
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
  return `f.state = 'stored' AND (
    (f.project_id IS NULL AND f.owner_id = ${user})
    OR EXISTS (SELECT 1 FROM projects p ${member} WHERE p.id = f.project_id AND p.deleted_at IS NULL))`
}
