import { escapeHtml, type MailContent } from '../../../platform/mail/index.ts'

/** A mail as plain words; both of its forms are made from them. */
export interface Letter {
  readonly subject: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly action?: { readonly label: string; readonly url: string }
  readonly closing: string
}

/** The text and HTML of a letter. Everything is escaped: names are what people typed. */
export function layOut({ subject, greeting, paragraphs, action, closing }: Letter): MailContent {
  const link = action === undefined ? [] : [`${action.label}:\n${action.url}`]
  const button =
    action === undefined ? [] : [`<a href="${escapeHtml(action.url)}">${escapeHtml(action.label)}</a>`]
  const lines = [greeting, ...paragraphs].map(escapeHtml)
  return {
    subject: oneLine(subject),
    text: `${[oneLine(greeting), ...paragraphs, ...link, closing].join('\n\n')}\n`,
    html: `<!doctype html><html><body>${[...lines, ...button, escapeHtml(closing)].map((line) => `<p>${line}</p>`).join('')}</body></html>`,
  }
}

/** Names must not start new lines: not in a header, and not to write paragraphs of their own. */
function oneLine(text: string): string {
  return text.replace(/\p{C}|\p{Z}/gu, ' ')
}
