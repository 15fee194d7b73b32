import type { MemberRole } from '../../contract/policy.ts'
import { isoOf, type Moment } from '../../platform/pagination/moments.ts'
import type { Member } from './member.schema.ts'
import type { Project } from './project.schema.ts'

/** A project's columns, as repositories read them. */
export interface ProjectRow {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly description: string | null
  readonly version: number
  readonly createdAt: Moment
  readonly updatedAt: Moment
}

/** A project as it leaves, for somebody with `role` in it. */
export function presentProject(row: ProjectRow, role: MemberRole | null): Project {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    description: row.description,
    role,
    version: row.version,
    createdAt: isoOf(row.createdAt),
    updatedAt: isoOf(row.updatedAt),
  }
}

/** A member's columns, as repositories read them. */
export interface MemberRow {
  readonly userId: string
  readonly fullName: string
  readonly email: string | null
  readonly role: MemberRole
  readonly createdAt: Moment
}

/** A member as it leaves. */
export function presentMember(row: MemberRow): Member {
  const { userId, fullName, email, role, createdAt } = row
  return { userId, fullName, email, role, createdAt: isoOf(createdAt) }
}
