import type { MailTransport, OutgoingMail } from '../../server/src/platform/mail/index.ts'
import { until } from './until.ts'

/** Collects mails instead of sending them. */
export interface MailBox {
  readonly transport: MailTransport
  /** All mails so far, oldest first. */
  readonly mails: readonly OutgoingMail[]
  /** The newest mail to `recipient` made from `template`; waits for it. */
  last(recipient: string, template: string): Promise<OutgoingMail>
}

/** An empty mail box. */
export function collectMails(): MailBox {
  const mails: OutgoingMail[] = []
  return {
    mails,
    transport: {
      async send(mail) {
        mails.push(mail)
      },
      close() {},
    },
    last: (recipient, template) =>
      until(`a mail "${template}" to ${recipient}`, () =>
        mails.findLast((mail) => mail.to === recipient && mail.template === template),
      ),
  }
}
