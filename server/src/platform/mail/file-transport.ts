import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import nodemailer from 'nodemailer'
import type { Logger } from '../logger.ts'
import type { MailTransport } from './transport.ts'

/** Writes each mail as an `.eml` file into `directory` and logs where; the log never shows what is in it. */
export function createFileTransport(directory: string, logger: Logger): MailTransport {
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return {
    async send({ id, template, ...mail }) {
      const { message } = await composer.sendMail(mail)
      const file = path.join(directory, `${template}-${id}.eml`)
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeFile(file, message, { mode: 0o600 })
      logger.info('mail written', { recipient: mail.to, template, file })
    },
    close: () => composer.close(),
  }
}
