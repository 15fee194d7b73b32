import path from 'node:path'
import type { Config } from '../../config/index.ts'
import type { Clock } from '../clock.ts'
import { type Database, patiently } from '../database/index.ts'
import type { Logger } from '../logger.ts'
import { lazyTransport } from './lazy-transport.ts'
import { beginMail, markFailed, markSent, type StoredMail } from './mail-rows.ts'
import type { MailContent, MailTemplates } from './mail-template.ts'
import type { MailTransport } from './transport.ts'

/** What {@link createMailer} needs. */
export interface MailerOptions {
  readonly config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'dataDirectory'>
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly templates: MailTemplates
  /** Replaces SMTP and files, for tests. */
  readonly transport?: MailTransport | undefined
}

/** One try at sending a mail. */
export interface MailAttempt {
  /** 1 for the first. */
  readonly number: number
  /** No other follows. */
  readonly last: boolean
  /** Aborts when it takes too long, or the process stops. */
  readonly signal: AbortSignal
}

/** Sends mails; when, and how often it is tried, is the job's business. */
export interface Mailer {
  /**
   * Sends the mail `id`; false when there is nothing to do, because it was sent or is being sent.
   * @throws what the mail server or the template said; it is noted with the mail
   */
  deliver(id: string, attempt: MailAttempt): Promise<boolean>
  /** What the mail says, links included. @throws Error when its template or data are not what they should be */
  render(mail: Pick<StoredMail, 'template' | 'data'>): MailContent
  /** Ends the connections to the mail server. */
  close(): void
}

/** Builds the mailer: over SMTP when configured, else into files under the data directory. */
export function createMailer(options: MailerOptions): Mailer {
  const { config, database, clock, logger, templates } = options
  const transport = options.transport ?? defaultTransport(config, logger)

  const render: Mailer['render'] = ({ template, data }) => {
    const render = templates[template]
    if (render === undefined) throw new Error(`There is no mail template called ${template}`)
    return render(data)
  }

  return {
    async deliver(id, { number, last, signal }) {
      const mail = await beginMail(database, id, number)
      if (mail === null) return false
      const { template, recipient: to } = mail
      try {
        await orAborted(transport.send({ id, template, to, from: config.mailFrom, ...render(mail) }), signal)
      } catch (error) {
        const text = error instanceof Error ? error.message.slice(0, 500) : 'unknown error'
        logger[last ? 'error' : 'warn'](last ? 'mail given up' : 'mail not sent', {
          mail: id,
          template,
          attempt: number,
          error,
        })
        await markFailed(database, id, { number, error: text, failedAt: last ? clock.now() : null })
        throw error
      }
      // What is gone and not noted goes twice.
      await patiently(() => markSent(database, id, clock.now()))
      return true
    },
    render,
    close: () => transport.close(),
  }
}

/** Rejects when the signal aborts; whatever the mail server still does with the mail is not waited for. */
async function orAborted(sending: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    await Promise.race([sending, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function defaultTransport(
  { smtpUrl, dataDirectory }: MailerOptions['config'],
  logger: Logger,
): MailTransport {
  return lazyTransport(async () =>
    smtpUrl === undefined
      ? (await import('./file-transport.ts')).createFileTransport(path.join(dataDirectory, 'mail'), logger)
      : (await import('./smtp-transport.ts')).createSmtpTransport(smtpUrl),
  )
}
