import path from 'node:path'
import type { Config } from '../../config/index.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/index.ts'
import type { Bus } from '../events/bus.ts'
import type { Logger } from '../logger.ts'
import { createFileTransport } from './file-transport.ts'
import type { MailTemplates } from './mail-template.ts'
import { OUTBOX_TOPIC } from './outbox.ts'
import { type ClaimedMail, claimMail, markFailed, markSent, releaseMail } from './outbox-claims.ts'
import { createSmtpTransport } from './smtp-transport.ts'
import type { MailTransport } from './transport.ts'

const LOOK_EVERY_MS = 5_000
/** The longest one mail may take; half of what a claim lasts. */
const SEND_LIMIT_MS = 60_000
const MAX_ATTEMPTS = 8
/** Pauses of 10 s, 20 s … up to 10 min: eight attempts reach over about half an hour. */
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 600_000

/** What {@link createMailer} needs. */
export interface MailerOptions {
  readonly config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'dataDirectory'>
  readonly database: Database
  readonly bus: Pick<Bus, 'subscribe'>
  readonly clock: Clock
  readonly logger: Logger
  readonly templates: MailTemplates
  /** Replaces SMTP and files, for tests. */
  readonly transport?: MailTransport | undefined
}

/** Sends what the outbox holds. */
export interface Mailer {
  /** Begins to send: at once when told of a new mail, and at a regular look. */
  start(): void
  /** Sends everything that is due; resolves when nothing is. */
  flush(): Promise<void>
  /** Stops after the mail that is being sent. */
  close(): Promise<void>
}

/** Builds the mailer: over SMTP when configured, else into files under the data directory. */
export function createMailer(options: MailerOptions): Mailer {
  const { config, database, bus, clock, logger, templates } = options
  const transport = options.transport ?? defaultTransport(config, logger)
  let closed = false
  let again = false
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let unsubscribe: (() => void) | undefined

  const deliver = async (mail: ClaimedMail): Promise<void> => {
    const { id, template, recipient: to } = mail
    try {
      const render = templates[template]
      if (render === undefined) throw new Error(`There is no mail template called ${template}`)
      await inTime(transport.send({ id, template, to, from: config.mailFrom, ...render(mail.data) }))
    } catch (error) {
      await failed(mail, error)
      return
    }
    await markSent(database, id, clock.now())
  }

  const failed = async (mail: ClaimedMail, error: unknown): Promise<void> => {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (mail.attempts - 1))
    const at = clock.now()
    const final = mail.attempts >= MAX_ATTEMPTS
    const text = error instanceof Error ? error.message.slice(0, 500) : 'unknown error'
    const fields = { mail: mail.id, template: mail.template, attempts: mail.attempts, error }
    if (final) logger.error('mail given up', fields)
    else logger.warn('mail not sent', fields)
    const nextAttemptAt = final ? undefined : new Date(at.getTime() + pause)
    await markFailed(database, mail.id, { error: text, at, nextAttemptAt })
  }

  const sendDue = async (): Promise<void> => {
    while (again && !closed) {
      again = false
      // One at a time: a mail that waits for others could wait until its claim is over and then be sent twice.
      const mail = await claimMail(database, clock.now())
      if (mail === null) continue
      again = true
      if (closed) await releaseMail(database, mail.id, clock.now())
      else await deliver(mail)
    }
  }

  const flush = (): Promise<void> => {
    again = true
    running ??= sendDue().finally(() => {
      running = undefined
    })
    return running
  }

  const look = (): void => {
    if (closed) return
    flush().catch((error: unknown) => logger.warn('the outbox cannot be read', { error }))
  }

  return {
    start() {
      unsubscribe = bus.subscribe(OUTBOX_TOPIC, look)
      timer = setInterval(look, LOOK_EVERY_MS)
      timer.unref()
      look()
    },
    flush,
    async close() {
      closed = true
      unsubscribe?.()
      clearInterval(timer)
      await running?.catch(() => undefined)
      transport.close()
    },
  }
}

/** Rejects when the mail server does not come to an end; whatever it still does with the mail is not waited for. */
async function inTime(sending: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const refuse = () =>
    reject(new Error(`The mail server did not take the mail within ${SEND_LIMIT_MS / 1_000} s`))
  const timer = setTimeout(refuse, SEND_LIMIT_MS)
  try {
    await Promise.race([sending, late])
  } finally {
    clearTimeout(timer)
  }
}

function defaultTransport(config: MailerOptions['config'], logger: Logger): MailTransport {
  if (config.smtpUrl !== undefined) return createSmtpTransport(config.smtpUrl)
  return createFileTransport(path.join(config.dataDirectory, 'mail'), logger)
}
