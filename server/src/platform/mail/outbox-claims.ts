import type { Database } from '../database/index.ts'

/** A mail that this process is to send now. */
export interface ClaimedMail {
  readonly id: string
  readonly recipient: string
  readonly template: string
  readonly data: unknown
  /** How many attempts there were, this one included. */
  readonly attempts: number
}

/**
 * For how long a claim keeps other processes away; afterwards a mail whose sender died is tried again. Longer than
 * anything a sender waits for, so that nobody takes a mail that is still being sent.
 */
const CLAIM_SECONDS = 120

/**
 * Takes one mail that is due and counts the attempt, or returns null. A claim moves the time of the next attempt and
 * commits at once: no transaction is open while a mail server is being talked to.
 */
export async function claimMail(database: Database, now: Date): Promise<ClaimedMail | null> {
  const claimedUntil = new Date(now.getTime() + CLAIM_SECONDS * 1_000)
  const mails = await database.prisma.$queryRaw<ClaimedMail[]>`
    UPDATE mail_messages SET attempts = attempts + 1, next_attempt_at = ${claimedUntil}
    WHERE id = (
      SELECT id FROM mail_messages
      WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= ${now}
      ORDER BY next_attempt_at, id LIMIT 1
      FOR UPDATE SKIP LOCKED
    )
    RETURNING id, recipient, template, data, attempts`
  return mails[0] ?? null
}

/** Gives a claimed mail back that nobody began to send. */
export async function releaseMail(database: Database, id: string, now: Date): Promise<void> {
  await database.prisma.mailMessage.update({
    where: { id },
    data: { attempts: { decrement: 1 }, nextAttemptAt: now },
    select: { id: true },
  })
}

/** Notes that a mail is gone. */
export async function markSent(database: Database, id: string, sentAt: Date): Promise<void> {
  await database.prisma.mailMessage.update({
    where: { id },
    data: { sentAt, lastError: null },
    select: { id: true },
  })
}

/** Notes a failed attempt: the next one at `nextAttemptAt`, or none any more. */
export async function markFailed(
  database: Database,
  id: string,
  failure: { readonly error: string; readonly at: Date; readonly nextAttemptAt: Date | undefined },
): Promise<void> {
  const { error: lastError, at, nextAttemptAt } = failure
  await database.prisma.mailMessage.update({
    where: { id },
    data: { lastError, ...(nextAttemptAt === undefined ? { failedAt: at } : { nextAttemptAt }) },
    select: { id: true },
  })
}
