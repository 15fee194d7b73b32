import { failBecause } from '../../contract/errors.ts'
import type { Change } from '../../contract/unit-of-work.ts'
import type { Db } from '../../platform/database/index.ts'
import { membershipTopic } from './membership-topic.ts'

/**
 * Prepares the projects of a user whose account is about to be deleted in the same transaction: those nobody else is
 * left in are deleted too. The user's live projects stay locked until it ends, so that of two owners who go at once the
 * second finds out.
 * @throws CONFLICT (LAST_OWNER) when a project with other members would be left without an owner who can act
 */
export async function releaseProjectsOf(change: Change, userId: string, now: Date): Promise<void> {
  const { db } = change
  await lockOwnProjects(db, userId)
  const orphans = await countOrphans(db, userId)
  if (orphans > 0) {
    const what = orphans === 1 ? 'a project' : `${orphans} projects`
    const them = orphans === 1 ? 'it' : 'them'
    throw failBecause('LAST_OWNER', {
      message: `This account is the last owner of ${what} with other members; give ${them} another owner, or delete ${them}, first.`,
    })
  }
  for (const id of await deleteLonely(db, userId, now)) {
    change.audit({ action: 'projects.delete', targetType: 'project', targetId: id })
    change.announce(membershipTopic(id), '')
  }
}

/** A statement of its own, in the order of ids: the next ones then see what was committed while this one waited. */
async function lockOwnProjects(db: Db, userId: string): Promise<void> {
  await db.$queryRaw`
    SELECT p.id FROM projects p JOIN project_members m ON m.project_id = p.id
    WHERE m.user_id = ${userId}::uuid AND m.role = 'owner' AND p.deleted_at IS NULL
    ORDER BY p.id FOR NO KEY UPDATE OF p`
}

/** How many projects would keep members, but no owner who is neither deleted nor suspended. */
async function countOrphans(db: Db, userId: string): Promise<number> {
  const rows = await db.$queryRaw<{ orphans: number }[]>`
    SELECT count(*)::int AS orphans FROM (
      SELECT bool_or(m.role = 'owner' AND u.suspended_at IS NULL) AS owned
      FROM project_members mine
      JOIN projects p ON p.id = mine.project_id AND p.deleted_at IS NULL
      JOIN project_members m ON m.project_id = p.id AND m.user_id <> mine.user_id
      JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
      WHERE mine.user_id = ${userId}::uuid AND mine.role = 'owner'
      GROUP BY p.id
    ) AS shared WHERE NOT owned`
  return rows[0]?.orphans ?? 0
}

/** Marks the projects as deleted of which the user is the only member left; returns their ids. */
async function deleteLonely(db: Db, userId: string, now: Date): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE projects SET deleted_at = ${now}, updated_at = ${now}
    FROM project_members mine
    WHERE mine.project_id = projects.id AND mine.user_id = ${userId}::uuid AND projects.deleted_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM project_members m JOIN users u ON u.id = m.user_id
        WHERE m.project_id = projects.id AND m.user_id <> mine.user_id AND u.deleted_at IS NULL
      )
    RETURNING projects.id`
  return rows.map((row) => row.id)
}
