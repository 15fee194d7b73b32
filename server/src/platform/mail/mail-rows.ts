import type { Database, Prisma, Tx } from '../database/index.ts'

/** A mail to be rendered and sent after the commit. `data` holds no secret: a link is the id of its account token. */
export interface NewMail {
  readonly recipient: string
  readonly template: string
  readonly data: Prisma.InputJsonObject
}

/** Writes mails inside the transaction of the change that causes them; the job that sends each is queued with it. */
export async function insertMails(
  tx: Tx,
  mails: readonly (NewMail & { readonly id: string })[],
): Promise<void> {
  await tx.mailMessage.createMany({
    data: mails.map(({ id, recipient, template, data }) => ({ id, recipient, template, data })),
  })
}

/** A mail as a template and a transport need it. */
export interface StoredMail {
  readonly id: string
  readonly recipient: string
  readonly template: string
  readonly data: unknown
}

/**
 * Begins the attempt `number` at a mail, or returns null when it was sent, or the very same attempt is under way: a job
 * that is delivered twice sends one mail. A later attempt takes over from one that was given up.
 */
export async function beginMail(database: Database, id: string, number: number): Promise<StoredMail | null> {
  const [mail] = await database.prisma.$queryRaw<StoredMail[]>`
    UPDATE mail_messages SET sending = ${number}, attempts = attempts + 1
    WHERE id = ${id}::uuid AND sent_at IS NULL AND sending IS DISTINCT FROM ${number}
    RETURNING id, recipient, template, data`
  return mail ?? null
}

/** Notes that a mail is gone. */
export async function markSent(database: Database, id: string, sentAt: Date): Promise<void> {
  await database.prisma.mailMessage.update({
    where: { id },
    data: { sentAt, lastError: null, failedAt: null, sending: null },
    select: { id: true },
  })
}

/** Notes that the attempt `number` failed, unless another took over: for good when `failedAt` is given. */
export async function markFailed(
  database: Database,
  id: string,
  failure: { readonly number: number; readonly error: string; readonly failedAt: Date | null },
): Promise<void> {
  const { number, error: lastError, failedAt } = failure
  await database.prisma.mailMessage.updateMany({
    where: { id, sending: number },
    data: { lastError, failedAt, sending: null },
  })
}
