import type { Change } from '../../../contract/unit-of-work.ts'

/** What each mail of this module is filled with. Links are ids of account tokens; the secret is made when sending. */
export interface AccountMails {
  readonly welcome: { readonly fullName: string; readonly tokenId: string }
  readonly 'verify-email': { readonly fullName: string; readonly tokenId: string }
  readonly 'reset-password': { readonly fullName: string; readonly tokenId: string }
  readonly 'password-changed': { readonly fullName: string }
  readonly 'registration-attempt': { readonly fullName: string }
}

/** Queues a mail with the change, and has it sent as soon as the change is committed. */
export function queueMail<Name extends keyof AccountMails>(
  change: Pick<Change, 'mail' | 'announce'>,
  recipient: string,
  template: Name,
  data: AccountMails[Name],
): void {
  change.mail({ recipient, template, data: { ...data } })
}
