import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Database } from '../../../server/src/platform/database/index.ts'
import { createBus } from '../../../server/src/platform/events/bus.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { createMailer, type MailTransport, OUTBOX_TOPIC } from '../../../server/src/platform/mail/index.ts'
import { createTestDatabase, databaseKind } from '../../support/database.ts'
import { movingClock } from '../../support/moving-clock.ts'

const clock = movingClock()
let database: Database
let drop: () => Promise<void>
beforeAll(async () => {
  const made = await createTestDatabase(databaseKind())
  database = made.database
  drop = made.drop
})
afterAll(() => drop())
beforeEach(() => database.prisma.mailMessage.deleteMany())

const logger = createLogger({ level: 'silent', format: 'json' })
const templates = { hello: () => ({ subject: 'Hello', text: 'secret-words', html: '<p>secret-words</p>' }) }

function mailer(transport?: MailTransport, dataDirectory = tmpdir()) {
  const bus = createBus(database)
  const config = { smtpUrl: undefined, mailFrom: 'Plinth <a@b.co>', dataDirectory }
  return { bus, mailer: createMailer({ config, database, bus, clock, logger, templates, transport }) }
}

/** Collects mails, after failing as often as told. */
function flaky(failures: number) {
  const sent: string[] = []
  let left = failures
  const transport: MailTransport = {
    async send(mail) {
      left -= 1
      if (left >= 0) throw new Error('The mail server is away')
      sent.push(mail.id)
    },
    close() {},
  }
  return { sent, transport }
}

const queue = (count: number, template = 'hello') =>
  database.prisma.mailMessage.createMany({
    data: Array.from({ length: count }, () => ({ recipient: 'x@y.co', template, data: {} })),
  })

it('sends each mail once, also with several senders at once', async () => {
  await queue(40)
  const { sent, transport } = flaky(0)
  const senders = Array.from({ length: 4 }, () => mailer(transport).mailer)
  await Promise.all(senders.map((one) => one.flush()))
  expect(new Set(sent).size).toBe(40)
  expect(sent).toHaveLength(40)
  expect(await database.prisma.mailMessage.count({ where: { sentAt: null } })).toBe(0)
  await Promise.all(senders.map((one) => one.close()))
})

it('tries again later, and gives up after eight attempts', async () => {
  await queue(1)
  const once = flaky(1)
  const first = mailer(once.transport).mailer
  await first.flush()
  await first.flush()
  expect(once.sent).toEqual([])
  clock.move(11_000)
  await first.flush()
  expect(once.sent).toHaveLength(1)

  await queue(1, 'no such template')
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await first.flush()
    clock.move(601_000)
  }
  const given = await database.prisma.mailMessage.findFirstOrThrow({ where: { sentAt: null } })
  expect(given).toMatchObject({ attempts: 8, lastError: 'There is no mail template called no such template' })
  expect(given.failedAt).not.toBeNull()
  await first.close()
})

it('is sent by another process when the one that took it died', async () => {
  await queue(1)
  const dying = mailer({ send: () => new Promise<void>(() => undefined), close() {} })
  void dying.mailer.flush()
  await expect
    .poll(() => database.prisma.mailMessage.count({ where: { attempts: 1 } }), { timeout: 5_000 })
    .toBe(1)
  const { sent, transport } = flaky(0)
  const other = mailer(transport).mailer
  await other.flush()
  expect(sent).toEqual([])
  clock.move(121_000)
  await other.flush()
  expect(sent).toHaveLength(1)
  await other.close()
})

it('takes one mail at a time, so that none waits longer than its claim lasts', async () => {
  await queue(3)
  const { promise: hurry, resolve: go } = Promise.withResolvers<void>()
  const slow = mailer({ send: () => hurry, close() {} }).mailer
  const flushed = slow.flush()
  const claimed = () => database.prisma.mailMessage.count({ where: { attempts: { gt: 0 } } })
  await expect.poll(claimed, { timeout: 5_000 }).toBe(1)
  const { sent, transport } = flaky(0)
  const other = mailer(transport).mailer
  await other.flush()
  expect(sent).toHaveLength(2)
  go()
  await flushed
  expect(await database.prisma.mailMessage.count({ where: { sentAt: null } })).toBe(0)
  expect(await database.prisma.mailMessage.count({ where: { attempts: 1 } })).toBe(3)
  await Promise.all([slow.close(), other.close()])
})

it('gives up on a mail server that does not answer, and tries again later', async () => {
  await queue(1)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const stuck = mailer({ send: () => new Promise<void>(() => undefined), close() {} }).mailer
  const flushed = stuck.flush()
  await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 5_000 })
  await vi.advanceTimersByTimeAsync(60_000)
  vi.useRealTimers()
  await flushed
  const row = await database.prisma.mailMessage.findFirstOrThrow()
  expect(row).toMatchObject({ attempts: 1, sentAt: null, failedAt: null })
  expect(row.lastError).toContain('60 s')
  await stuck.close()
})

it('puts a mail back that was taken when the process began to stop', async () => {
  await queue(1)
  const { sent, transport } = flaky(0)
  const closing = mailer(transport).mailer
  const flushed = closing.flush()
  await closing.close()
  await flushed
  expect(sent).toEqual([])
  const row = await database.prisma.mailMessage.findFirstOrThrow()
  expect(row.attempts).toBe(0)
  const next = flaky(0)
  const other = mailer(next.transport).mailer
  await other.flush()
  expect(next.sent).toEqual([row.id])
  await other.close()
})

it('is sent as soon as the bus tells of it', async () => {
  const { sent, transport } = flaky(0)
  const { bus, mailer: told } = mailer(transport)
  told.start()
  await told.flush()
  await queue(1)
  bus.publish(OUTBOX_TOPIC, '')
  await expect.poll(() => sent.length, { timeout: 2_000 }).toBe(1)
  await told.close()
})

it('becomes a file where there is no mail server', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'plinth-mail-'))
  await queue(1)
  const { mailer: writing } = mailer(undefined, directory)
  await writing.flush()
  const [file = 'none'] = await readdir(path.join(directory, 'mail'))
  expect(file).toMatch(/^hello-.*\.eml$/)
  expect(await readFile(path.join(directory, 'mail', file), 'utf8')).toContain('secret-words')
  await writing.close()
  await rm(directory, { recursive: true })
})
