import type { Prisma, Tx } from '../database/index.ts'

/** Announced in the transaction of a change that queued a mail, so that it is sent at once and not at the next look. */
export const OUTBOX_TOPIC = 'mail'

/** A mail to be rendered and sent after the commit. `data` holds no secret: a link is the id of its account token. */
export interface NewMail {
  readonly recipient: string
  readonly template: string
  readonly data: Prisma.InputJsonObject
}

/** Writes mails into the outbox inside the transaction of the change that causes them. */
export async function enqueueMails(tx: Tx, mails: readonly NewMail[]): Promise<void> {
  await tx.mailMessage.createMany({
    data: mails.map(({ recipient, template, data }) => ({ recipient, template, data })),
  })
}
