import type { Db, Prisma } from '../../../platform/database/index.ts'

/** What a `User` is presented from. */
export const userSelect = {
  id: true,
  email: true,
  fullName: true,
  role: true,
  preferredProvider: true,
  betaTester: true,
  subscriptionTier: true,
  emailVerifiedAt: true,
  suspendedAt: true,
  createdAt: true,
  updatedAt: true,
} as const satisfies Prisma.UserSelect

/** A user's row without anything secret. */
export type UserRow = Prisma.UserGetPayload<{ select: typeof userSelect }>

/** What logging in needs; never leaves the service. */
export const credentialSelect = { ...userSelect, passwordHash: true } as const satisfies Prisma.UserSelect

/** A user's row with the hash of the password. */
export type CredentialRow = Prisma.UserGetPayload<{ select: typeof credentialSelect }>

const live = { deletedAt: null } as const

/** The live user with this id. */
export async function findUser(db: Db, id: string): Promise<UserRow | null> {
  return await db.user.findFirst({ where: { id, ...live }, select: userSelect })
}

/** The live user with this canonical address. */
export async function findUserByEmail(db: Db, email: string): Promise<UserRow | null> {
  return await db.user.findFirst({ where: { email, ...live }, select: userSelect })
}

/** The live user with this canonical address, to compare a password with. */
export async function findCredentials(db: Db, email: string): Promise<CredentialRow | null> {
  return await db.user.findFirst({ where: { email, ...live }, select: credentialSelect })
}

/** A user to be made. */
export interface NewUser {
  readonly email: string
  readonly fullName: string
  readonly passwordHash: string
  readonly passwordChangedAt: Date
  readonly role?: UserRow['role']
  readonly emailVerifiedAt?: Date
}

/** Makes a user, or returns null when a live one has the address. */
export async function insertUser(db: Db, user: NewUser): Promise<UserRow | null> {
  const [row] = await db.user.createManyAndReturn({ data: [user], skipDuplicates: true, select: userSelect })
  return row ?? null
}

/**
 * Locks the user's row until commit if the password is still the one that was just proven and nobody locked the user
 * out meanwhile. Without it a session could begin after the password change that was to end all sessions.
 */
export async function lockIfStillProven(db: Db, id: string, passwordHash: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM users
    WHERE id = ${id}::uuid AND password_hash = ${passwordHash} AND suspended_at IS NULL AND deleted_at IS NULL
    FOR NO KEY UPDATE`
  return rows.length === 1
}

/** Stores a stronger hash of the same password. */
export async function storeRehash(db: Db, id: string, passwordHash: string): Promise<void> {
  await db.user.updateMany({ where: { id, ...live }, data: { passwordHash } })
}

/** A password to be stored. */
export interface PasswordUpdate {
  readonly id: string
  readonly passwordHash: string
  readonly now: Date
  /** Only if the stored hash is still this one. */
  readonly expected?: string
  /** The change came by a mailed link, so the address is its owner's. */
  readonly provesMailbox?: true
}

/** Sets a password; false when the user is gone or the password changed meanwhile. Voids links made before. */
export async function storePassword(db: Db, update: PasswordUpdate): Promise<boolean> {
  const { id, passwordHash, now, expected, provesMailbox } = update
  const { count } = await db.user.updateMany({
    where: { id, ...live, ...(expected === undefined ? {} : { passwordHash: expected }) },
    data: { passwordHash, passwordChangedAt: now },
  })
  if (count === 1 && provesMailbox === true) await markVerified(db, id, now)
  return count === 1
}

/** Notes that the address is its owner's, once. */
export async function markVerified(db: Db, id: string, now: Date): Promise<void> {
  await db.user.updateMany({ where: { id, emailVerifiedAt: null, ...live }, data: { emailVerifiedAt: now } })
}
