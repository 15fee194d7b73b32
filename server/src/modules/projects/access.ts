import type { Actor } from '../../contract/actor.ts'
import { type AppError, fail } from '../../contract/errors.ts'
import { type MemberRole, memberRoles, memberRolesAtLeast } from '../../contract/policy.ts'
import type { Db, Prisma } from '../../platform/database/index.ts'
import type { SqlValues } from '../../platform/pagination/sql-values.ts'

/** The live projects in which `actor` has at least the role `min`, as a Prisma filter. */
export function liveProjectOf(actor: Actor, min: MemberRole) {
  return { deletedAt: null, ...projectOf(actor, min) } satisfies Prisma.ProjectWhereInput
}

/** As {@link liveProjectOf}, deleted projects included. */
export function projectOf(actor: Actor, min: MemberRole): Prisma.ProjectWhereInput {
  if (actor.bypass !== undefined) return {}
  return { members: { some: { userId: actor.userId, role: { in: memberRolesAtLeast(min) } } } }
}

/**
 * The live project with the id that `idSql` stands for, if `actor` has at least the role `min` in it, as a SELECT of
 * `id` and `role`: one row, or none. Statements start from it, so that they show nothing to others.
 */
export function seatSql(values: SqlValues, actor: Actor, idSql: string, min: MemberRole): string {
  if (actor.bypass !== undefined) {
    return `SELECT p.id, NULL::project_role AS role FROM projects p WHERE p.id = ${idSql} AND p.deleted_at IS NULL`
  }
  return `SELECT p.id, m.role FROM projects p
    JOIN project_members m ON m.project_id = p.id AND m.user_id = ${values.bind(actor.userId, 'uuid')}
    WHERE p.id = ${idSql} AND p.deleted_at IS NULL AND m.role >= ${values.bind(min, 'project_role')}`
}

/**
 * Why `actor` may not do what needs the role `min`: FORBIDDEN for members, NOT_FOUND for everybody else, as if the
 * project did not exist. Undefined when nothing is in the way. Asked only after a call has already found no row.
 */
export async function whyRefused(
  db: Db,
  actor: Actor,
  projectId: string,
  min: MemberRole,
): Promise<AppError | undefined> {
  const project = await db.project.findFirst({
    where: { id: projectId, deletedAt: null },
    select: { members: { where: { userId: actor.userId }, select: { role: true } } },
  })
  if (project === null) return fail('NOT_FOUND')
  return actor.bypass === undefined ? refusal(project.members[0]?.role, min) : undefined
}

/** Why somebody with `role` (undefined: a stranger) may not do what needs `min`; undefined when they may. */
export function refusal(role: MemberRole | undefined, min: MemberRole): AppError | undefined {
  if (role === undefined) return fail('NOT_FOUND')
  if (memberRoles.indexOf(role) >= memberRoles.indexOf(min)) return undefined
  return fail('FORBIDDEN', { message: `This needs the role ${min} in the project; yours is ${role}.` })
}

/** Throws what {@link refusal} says. */
export function refuse(role: MemberRole | undefined, min: MemberRole): void {
  const refused = refusal(role, min)
  if (refused !== undefined) throw refused
}
