export { escapeHtml, type MailContent, type MailTemplate, type MailTemplates } from './mail-template.ts'
export { createMailer, type Mailer, type MailerOptions } from './mailer.ts'
export { type NewMail, OUTBOX_TOPIC } from './outbox.ts'
export type { MailTransport, OutgoingMail } from './transport.ts'
