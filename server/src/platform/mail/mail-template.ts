/** A rendered mail. */
export interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Makes a mail from what its row kept; throws when the data is not what it needs. */
export type MailTemplate = (data: unknown) => MailContent

/** Templates by the name that the rows carry. */
export type MailTemplates = Readonly<Record<string, MailTemplate>>

/** Text as it may stand in HTML, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
