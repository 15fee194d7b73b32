import { z } from 'zod'
import type { Config } from '../../../config/index.ts'
import type { Change } from '../../../contract/unit-of-work.ts'
import { layOut, type MailTemplates } from '../../../platform/mail/index.ts'

const TEMPLATE = 'notification'

const Data = z.object({
  fullName: z.string(),
  subject: z.string(),
  body: z.string(),
  sender: z.object({ name: z.string(), email: z.string() }),
})

/** What an admin wrote. */
type Message = Omit<z.infer<typeof Data>, 'fullName'>

/** Queues the mail of an admin's message with the change. */
export function queueNotificationMail(
  change: Pick<Change, 'mail'>,
  recipient: { readonly email: string; readonly fullName: string },
  message: Message,
): void {
  const data = { fullName: recipient.fullName, ...message }
  change.mail({ recipient: recipient.email, template: TEMPLATE, data })
}

/** The mails of this module. What was typed is quoted, so that nobody takes it for ours; who typed it is said. */
export function notificationMailTemplates(config: Pick<Config, 'appName' | 'publicUrl'>): MailTemplates {
  const { appName, publicUrl } = config
  return {
    [TEMPLATE](data) {
      const { fullName, subject, body, sender } = Data.parse(data)
      return layOut({
        appName,
        subject: `Message from ${sender.name}: ${subject}`,
        greeting: `Hello ${fullName},`,
        paragraphs: [`${sender.name} (${sender.email}), an administrator of ${appName}, wrote to you:`],
        quote: { title: subject, text: body },
        closing: `${appName}, ${publicUrl}`,
      })
    },
  }
}
