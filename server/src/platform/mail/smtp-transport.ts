import nodemailer from 'nodemailer'
import { withSpan } from '../telemetry/index.ts'
import type { MailTransport } from './transport.ts'

const CONNECT_LIMIT_MS = 10_000
const ANSWER_LIMIT_MS = 20_000

/** Sends through the SMTP server of `url` (`smtp://user:password@host:587`). */
export function createSmtpTransport(url: string): MailTransport {
  const { hostname } = new URL(url)
  const transporter = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: CONNECT_LIMIT_MS,
    greetingTimeout: CONNECT_LIMIT_MS,
    socketTimeout: ANSWER_LIMIT_MS,
    // Templates are ours, but what they are filled with is not: nothing is read from disk or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ id, template, from, to, subject, text, html }) {
      const attributes = { 'server.address': hostname, 'plinth.mail.template': template }
      await withSpan('SMTP send', { kind: 'client', attributes }, () =>
        // The same id on every attempt lets the receiving side recognise a mail that was sent twice.
        transporter.sendMail({ from, to, subject, text, html, messageId: `<${id}@plinth.invalid>` }),
      )
    },
    close: () => transporter.close(),
  }
}
