export { escapeHtml, type MailContent, type MailTemplates } from './mail-template.ts'
export { createMailer } from './mailer.ts'
export { OUTBOX_TOPIC } from './outbox.ts'
export type { MailTransport, OutgoingMail } from './transport.ts'
