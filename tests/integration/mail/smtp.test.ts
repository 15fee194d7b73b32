import { expect, test } from 'vitest'
import { mutate, query } from '../../support/http.ts'
import { startMailServer } from '../../support/mail-server.ts'
import { MINUTE, movingClock } from '../../support/moving-clock.ts'
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

test('a mail that was refused for now is sent again, with the same id', async () => {
  await using smtp = await startMailServer()
  smtp.refuse(1)
  const clock = movingClock()
  await using server = await startServer({
    variables: { SMTP_URL: smtp.url },
    overrides: { clock },
  })
  await mutate(server.baseUrl, 'auth.register', PERSON)
  const failed = await until('the refusal to be noted', async () => {
    const row = await server.database.prisma.mailMessage.findFirst({ where: { lastError: { not: null } } })
    return row ?? undefined
  })
  expect(failed).toMatchObject({ attempts: 1, sentAt: null, failedAt: null })
  clock.move(MINUTE)
  await mutate(server.baseUrl, 'auth.requestPasswordReset', { email: PERSON.email })
  await until('both mails', () => (smtp.received.length === 2 ? true : undefined))
  expect(smtp.received.some(({ source }) => source.includes(`<${failed.id}@`))).toBe(true)
})
