import { expect, test } from 'vitest'
import { mutate, query } from '../../support/http.ts'
import { startMailServer } from '../../support/mail-server.ts'
import { startServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

const PERSON = {
  email: 'ada@example.com',
  password: 'difference engine no 2',
  fullName: 'Ada <b>Lovelace</b>',
}

test('a mail goes out over SMTP, as text and HTML, with a link that works', async () => {
  await using smtp = await startMailServer()
  await using server = await startServer({ variables: { SMTP_URL: smtp.url } })
  const { data } = await mutate(server.baseUrl, 'auth.register', PERSON)
  const mail = await until('the welcome mail', () => smtp.received[0])
  expect(mail.recipients).toEqual([PERSON.email])
  expect(mail.source).toMatch(/^Message-ID: <[\da-f-]{36}@/m)
  expect(mail.source).toMatch(/^Content-Type: text\/plain/m)
  expect(mail.source).toMatch(/^Content-Type: text\/html/m)

  const body = mail.source.replaceAll('=\r\n', '').replaceAll('=3D', '=')
  expect(body).not.toContain('<b>Lovelace</b>,</p>')
  const token = /#token=([\w.-]+)/.exec(body)?.[1]
  expect(body).toContain(`${server.config.publicUrl}/`)
  expect(await mutate(server.baseUrl, 'auth.verifyEmail', { token })).toMatchObject({ status: 200 })
  const { accessToken } = Object(data)
  const me = await query(server.baseUrl, 'users.me', undefined, { token: accessToken })
  expect(me.data).toMatchObject({ emailVerifiedAt: expect.any(String) })
})

test('a mail that was refused for now is sent again by its job, with the same id', async () => {
  await using smtp = await startMailServer()
  smtp.refuse(1)
  await using server = await startServer({ variables: { SMTP_URL: smtp.url } })
  await mutate(server.baseUrl, 'auth.register', PERSON)
  const failed = await until('the refusal to be noted', async () => {
    const row = await server.database.prisma.mailMessage.findFirst({ where: { lastError: { not: null } } })
    return row ?? undefined
  })
  expect(failed).toMatchObject({ attempts: 1, sentAt: null, failedAt: null })
  // The pause is ten seconds; what is tested is that there is another attempt after it.
  const hurried = await until('the job to wait for its next attempt', async () => {
    const { rowCount } = await server.database.pool.query(
      `UPDATE pgboss.job SET start_after = now() WHERE name = 'mail.send' AND state = 'retry'`,
    )
    return rowCount === 1 ? true : undefined
  })
  expect(hurried).toBe(true)
  const [mail] = await until('the mail', () => (smtp.received.length > 0 ? smtp.received : undefined))
  expect(mail?.source).toContain(`<${failed.id}@`)
  const sent = await until('the row to say so', async () => {
    const row = await server.database.prisma.mailMessage.findUnique({ where: { id: failed.id } })
    return row?.sentAt === null ? undefined : row
  })
  expect(sent).toMatchObject({ attempts: 2, lastError: null })
  const job = await server.database.prisma.job.findFirst({ where: { name: 'mail.send' } })
  expect(job).toMatchObject({ ownerId: null, attempt: 2 })
})

test('a change that does not commit leaves neither mail nor job', async () => {
  await using smtp = await startMailServer()
  await using server = await startServer({ variables: { SMTP_URL: smtp.url } })
  await mutate(server.baseUrl, 'auth.register', PERSON)
  await until('the welcome mail', () => smtp.received[0])
  const counts = async () => [
    await server.database.prisma.mailMessage.count(),
    await server.database.prisma.job.count({ where: { name: 'mail.send' } }),
  ]
  expect(await counts()).toEqual([1, 1])
  const token = 'x'.repeat(64)
  expect(
    await mutate(server.baseUrl, 'auth.resetPassword', { token, password: PERSON.password }),
  ).toMatchObject({
    status: 400,
  })
  expect(await counts()).toEqual([1, 1])
})
