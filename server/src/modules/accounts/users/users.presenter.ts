import type { z } from 'zod'
import type { User } from '../accounts.schema.ts'
import type { UserRow } from './users.repository.ts'

/** A user as answers carry it. */
export function presentUser(row: UserRow): z.input<typeof User> {
  const { id, email, fullName, role, preferredProvider, betaTester, subscriptionTier } = row
  return {
    id,
    email,
    fullName,
    role,
    preferredProvider,
    betaTester,
    subscriptionTier,
    emailVerifiedAt: row.emailVerifiedAt?.toISOString() ?? null,
    suspendedAt: row.suspendedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
