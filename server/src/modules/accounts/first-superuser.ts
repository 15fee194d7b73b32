import type { Config } from '../../config/index.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Database, transaction } from '../../platform/database/index.ts'
import type { Logger } from '../../platform/logger.ts'
import type { PasswordHasher } from '../../platform/passwords/index.ts'
import { newTraceId } from '../../platform/request-context.ts'
import { EmailInput } from './accounts.schema.ts'
import { findUserByEmail, insertUser } from './users/users.repository.ts'

const FULL_NAME = 'First superuser'

/** What {@link ensureFirstSuperuser} needs. */
export interface FirstSuperuserDeps {
  readonly config: Pick<Config, 'firstSuperuser'>
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly hasher: PasswordHasher
}

/**
 * Makes the super admin that the configuration names, unless the address has an account; that one is left as it is, so
 * that nobody who registers early is raised by a restart.
 */
export async function ensureFirstSuperuser(deps: FirstSuperuserDeps): Promise<void> {
  const { config, database, clock, logger, hasher } = deps
  if (config.firstSuperuser === undefined) return
  const email = EmailInput.parse(config.firstSuperuser.email)
  const { password } = config.firstSuperuser
  const known = await findUserByEmail(database.prisma, email)
  if (known !== null) {
    if (known.role !== 'super_admin') {
      logger.warn('FIRST_SUPERUSER_EMAIL names an account that is no super admin; it is left as it is')
    }
    return
  }
  const now = clock.now()
  const passwordHash = await hasher.hash(password)
  await transaction(database, async (db) => {
    const user = await insertUser(db, {
      email,
      fullName: FULL_NAME,
      passwordHash,
      passwordChangedAt: now,
      role: 'super_admin',
      emailVerifiedAt: now,
    })
    // Another process was faster.
    if (user === null) return
    await db.auditEvent.create({
      data: {
        actorVia: 'system',
        surface: 'system',
        action: 'users.firstSuperuser',
        targetType: 'user',
        targetId: user.id,
        traceId: newTraceId(),
      },
      select: { id: true },
    })
  })
}
