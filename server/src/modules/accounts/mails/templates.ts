import { z } from 'zod'
import type { Config } from '../../../config/index.ts'
import { type Letter, layOut, type MailTemplates } from '../../../platform/mail/index.ts'
import type { MacTokens } from '../../../platform/tokens/index.ts'
import type { AccountMails } from './account-mails.ts'

/** Makes and reads the secrets of links, by what they are for. */
export interface LinkTokens {
  readonly verify: MacTokens
  readonly reset: MacTokens
}

const Named = z.object({ fullName: z.string() })
const Linked = Named.extend({ tokenId: z.uuid() })

/** The mails of this module. Links begin with the configured address, never with that of a request. */
export function accountMailTemplates(
  config: Pick<Config, 'appName' | 'publicUrl'>,
  tokens: LinkTokens,
): MailTemplates {
  const { appName } = config
  // Behind the #, so that the secret reaches no server's log and no Referer header.
  const link = (path: string, from: MacTokens, id: string) =>
    `${config.publicUrl}/${path}#token=${from.issue({ id, number: 0 })}`
  const letter = (fullName: string, parts: Omit<Letter, 'appName' | 'greeting' | 'closing'>) =>
    layOut({ ...parts, appName, greeting: `Hello ${fullName},`, closing: `${appName}, ${config.publicUrl}` })

  return {
    welcome(data) {
      const { fullName, tokenId } = Linked.parse(data)
      return letter(fullName, {
        subject: `Welcome to ${appName}`,
        paragraphs: [
          'Your account is ready. Confirm your e-mail address with this link; it holds for 24 hours.',
        ],
        action: { label: 'Confirm the address', url: link('verify-email', tokens.verify, tokenId) },
      })
    },
    'verify-email'(data) {
      const { fullName, tokenId } = Linked.parse(data)
      return letter(fullName, {
        subject: 'Confirm your e-mail address',
        paragraphs: ['Confirm your e-mail address with this link; it holds for 24 hours.'],
        action: { label: 'Confirm the address', url: link('verify-email', tokens.verify, tokenId) },
      })
    },
    'reset-password'(data) {
      const { fullName, tokenId } = Linked.parse(data)
      return letter(fullName, {
        subject: 'Set a new password',
        paragraphs: [
          'Somebody, probably you, asked for a new password. This link sets one; it holds for 30 minutes.',
          'If it was not you, do nothing: your password stays as it is.',
        ],
        action: { label: 'Set a new password', url: link('reset-password', tokens.reset, tokenId) },
      })
    },
    'password-changed'(data) {
      return letter(Named.parse(data).fullName, {
        subject: 'Your password was changed',
        paragraphs: [
          'The password of your account was changed, and other devices were logged out.',
          'If it was not you, ask for a new password at once.',
        ],
      })
    },
    'registration-attempt'(data) {
      return letter(Named.parse(data).fullName, {
        subject: 'Somebody tried to register with your address',
        paragraphs: [
          'You have an account already. If it was you, log in, or ask for a new password if you forgot yours.',
          'If it was not you, there is nothing to do: your account is untouched.',
        ],
      })
    },
  } satisfies Record<keyof AccountMails, MailTemplates[string]>
}
