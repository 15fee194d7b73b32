import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../server/src/platform/database/index.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { createMailer, type Mailer } from '../../../server/src/platform/mail/index.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'
import { type MailServer, startMailServer } from '../../support/mail-server.ts'
import { movingClock } from '../../support/moving-clock.ts'
import { until } from '../../support/until.ts'

const clock = movingClock()
const logger = createLogger({ level: 'silent', format: 'json' })
const templates = { hello: () => ({ subject: 'Hello', text: 'secret-words', html: '<p>secret-words</p>' }) }

let database: Database
let drop: () => Promise<void>
let smtp: MailServer
let mailer: Mailer
beforeAll(async () => {
  const made = await createTestDatabase(databaseKind())
  database = made.database
  drop = made.drop
})
afterAll(() => drop())
beforeEach(async () => {
  smtp = await startMailServer()
  mailer = mailerTo(smtp.url)
  return async () => {
    mailer.close()
    await smtp[Symbol.asyncDispose]()
  }
})

function mailerTo(smtpUrl: string | undefined, dataDirectory = tmpdir()): Mailer {
  const config = { smtpUrl, mailFrom: 'Plinth <a@b.co>', dataDirectory }
  return createMailer({ config, database, clock, logger, templates })
}

async function newMail(template = 'hello'): Promise<string> {
  const { id } = await database.prisma.mailMessage.create({
    data: { recipient: 'x@y.co', template, data: {} },
  })
  return id
}

const attempt = (number: number, signal = new AbortController().signal) => ({
  number,
  last: number === 8,
  signal,
})
const rowOf = (id: string) => database.prisma.mailMessage.findUniqueOrThrow({ where: { id } })

test('a job that is delivered twice, one after the other or at once, sends one mail (I4)', async () => {
  const id = await newMail()
  const at = (number: number) => mailer.deliver(id, attempt(number))
  const answers = await Promise.all(Array.from({ length: 20 }, () => at(1)))
  expect(answers.filter((sent) => sent)).toHaveLength(1)
  expect([await at(1), await at(2)]).toEqual([false, false])
  expect(smtp.received).toHaveLength(1)
  expect(await rowOf(id)).toMatchObject({ attempts: 1, sending: null, failedAt: null, lastError: null })
})

test('many mails go over few connections', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, () => newMail()))
  let most = 0
  await Promise.all(
    ids.map(async (id) => {
      await mailer.deliver(id, attempt(1))
      most = Math.max(most, smtp.connections())
    }),
  )
  expect(smtp.received).toHaveLength(30)
  expect(most).toBeLessThanOrEqual(2)
  mailer.close()
  await until('the connections to be closed', () => (smtp.connections() === 0 ? true : undefined))
})

test('what failed is noted and can be tried again with the same id, and is given up after the last attempt', async () => {
  const id = await newMail()
  smtp.refuse(8)
  for (let number = 1; number <= 8; number += 1) {
    await expect(mailer.deliver(id, attempt(number))).rejects.toThrow('Try again later')
    expect(await rowOf(id)).toMatchObject({ attempts: number, sentAt: null, sending: null })
    expect((await rowOf(id)).failedAt === null).toBe(number < 8)
  }
  // An operator drives the job again: it counts from the start.
  expect(await mailer.deliver(id, attempt(1))).toBe(true)
  expect(smtp.received.map(({ source }) => source.includes(`Message-ID: <${id}@`))).toEqual([true])
  expect(await rowOf(id)).toMatchObject({ failedAt: null, lastError: null, sentAt: expect.any(Date) })

  const unknown = await newMail('no such template')
  await expect(mailer.deliver(unknown, attempt(1))).rejects.toThrow('There is no mail template')
})

test('a mail server that does not answer holds nobody up longer than the signal', async () => {
  const id = await newMail()
  const hanging = smtp.hang()
  const late = new AbortController()
  const stuck = mailer.deliver(id, attempt(1, late.signal))
  await hanging
  late.abort(new Error('It took too long'))
  await expect(stuck).rejects.toThrow('It took too long')
  expect(await rowOf(id)).toMatchObject({ sending: null, sentAt: null, lastError: 'It took too long' })
  expect(await mailer.deliver(id, attempt(2))).toBe(true)
})

test('a later attempt takes over from one whose process died; what that one says afterwards counts for nothing', async () => {
  const id = await newMail()
  const hanging = smtp.hang()
  const late = new AbortController()
  const dead = mailer.deliver(id, attempt(1, late.signal))
  await hanging
  expect(await mailer.deliver(id, attempt(2))).toBe(true)
  late.abort(new Error('It took too long'))
  await expect(dead).rejects.toThrow()
  expect(await rowOf(id)).toMatchObject({ sentAt: expect.any(Date), lastError: null, failedAt: null })
})

test('a database that is away for a moment while a mail goes out does not have it sent twice', async () => {
  const id = await newMail()
  let failures = 2
  const update = (...args: unknown[]): unknown => {
    failures -= 1
    if (failures >= 0) return Promise.reject(new Error('Connection terminated unexpectedly'))
    return Reflect.apply(database.prisma.mailMessage.update, database.prisma.mailMessage, args)
  }
  const mailMessage = replaced(database.prisma.mailMessage, 'update', update)
  const prisma = replaced(database.prisma, 'mailMessage', mailMessage)
  const config = { smtpUrl: smtp.url, mailFrom: 'Plinth <a@b.co>', dataDirectory: tmpdir() }
  const flaky = createMailer({ config, database: { ...database, prisma }, clock, logger, templates })
  expect(await flaky.deliver(id, attempt(1))).toBe(true)
  flaky.close()
  expect(await mailer.deliver(id, attempt(2))).toBe(false)
  expect(smtp.received).toHaveLength(1)
})

/** `object` with another value of `name`. */
function replaced<T extends object>(object: T, name: string, value: unknown): T {
  return new Proxy(object, { get: (target, key) => (key === name ? value : Reflect.get(target, key)) })
}

test('a mail becomes a file where there is no mail server', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plinth-mail-'))
  const writing = mailerTo(undefined, directory)
  await writing.deliver(await newMail(), attempt(1))
  const [file = 'none'] = await readdir(path.join(directory, 'mail'))
  expect(file).toMatch(/^hello-.*\.eml$/)
  expect(await readFile(path.join(directory, 'mail', file), 'utf8')).toContain('secret-words')
  writing.close()
  await rm(directory, { recursive: true })
})
