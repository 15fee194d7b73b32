import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../../server/src/config/index.ts'
import { testConfig } from '../../support/config.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate, send } from '../../support/http.ts'
import { newEmail, PASSWORD } from '../../support/people.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { startServer, type TestServer } from '../../support/server.ts'

const FORGED = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'

let server: TestServer
let email: string
let mailUrl: string
beforeAll(async () => {
  server = await startServer({ variables: { NODE_ENV: 'development' } })
  email = newEmail()
  const input = { email, password: PASSWORD, fullName: FORGED }
  expectOk(await mutate(server.baseUrl, 'auth.register', input), { tokens: true })
  await server.mails.last(email, 'welcome')
  const { id } = await server.database.prisma.mailMessage.findFirstOrThrow({ where: { recipient: email } })
  mailUrl = `${server.baseUrl}/dev/mails/${id}`
})
afterAll(() => server[Symbol.asyncDispose]())

describe('/dev/mails', () => {
  test('lists the mails sent, and shows each as text and in a frame where nothing runs', async () => {
    const list = await send(`${server.baseUrl}/dev/mails`)
    expect(list.status).toBe(200)
    expect(list.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(list.text).toContain(email)
    expect(list.text).toContain('Welcome to Plinth')
    expect(list.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(list.headers.get('cache-control')).toBe('no-store')

    const shown = await send(mailUrl)
    expect(shown.text).toContain('http://plinth.test/verify-email#token=')
    expect(shown.text).not.toContain('<img')
    expect(shown.text).not.toContain('<script>alert')
    expect(shown.text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')

    const framed = await send(`${mailUrl}/html`)
    expect(framed.headers.get('content-security-policy')).toMatch(
      /^sandbox allow-popups [\w-]+; default-src 'none'/,
    )
    expect(framed.text).toContain('<base target="_blank">')
    expect(framed.text).not.toMatch(/<(?:img|script)/)
    expect((await send(`${server.baseUrl}/dev/mails/${randomUUID()}`)).status).toBe(404)
    expect((await send(`${server.baseUrl}/dev/mails/..%2f..%2fetc`)).status).toBe(404)
  })

  test('has a link that a newcomer can follow', async () => {
    const { text } = await send(mailUrl)
    const [, path = '', token = ''] = /http:\/\/plinth\.test(\/verify-email)#token=([\w.-]+)/.exec(text) ?? []
    const page = await send(`${server.baseUrl}${path}`)
    expect(page.status).toBe(200)
    const script = /<script src="([^"]+)">/.exec(page.text)?.[1] ?? ''
    const served = await send(`${server.baseUrl}${script}`)
    expect(served.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect(served.text).toContain('auth.verifyEmail')
    expectOk(await mutate(server.baseUrl, 'auth.verifyEmail', { token }))
    expect((await send(`${server.baseUrl}/reset-password`)).text).toContain('type="password"')
  })

  test('is there only for who is at this machine, by a name of it, through no proxy', async () => {
    const { hostname, port } = new URL(server.baseUrl)
    const ask = async (headers: string) => {
      const request = `GET /dev/mails HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`
      return (await sendRaw(server.baseUrl, request, { headOnly: true })).status
    }
    expect(await ask(`Host: ${hostname}:${port}\r\n`)).toBe(200)
    expect(await ask(`Host: localhost:${port}\r\n`)).toBe(200)
    expect(await ask(`Host: evil.test:${port}\r\n`)).toBe(404)
    expect(await ask(`Host: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n`)).toBe(404)
  })

  test('is there in no other environment unless asked for, and never in production', async () => {
    await using plain = await startServer()
    for (const path of ['/dev/mails', `/dev/mails/${randomUUID()}`, '/dev/mails/link.js', '/verify-email']) {
      expect((await send(`${plain.baseUrl}${path}`)).status).toBe(404)
    }
    expect(testConfig({ NODE_ENV: 'development', SMTP_URL: 'smtp://localhost' }).devMailPage).toBe('off')
    expect(testConfig({ DEV_MAIL_PAGE: 'true' }).devMailPage).toBe('everywhere')
    const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://plinth.test', BCRYPT_COST: '12' }
    expect(testConfig(production).devMailPage).toBe('off')
    expect(() => testConfig({ ...production, DEV_MAIL_PAGE: 'true' })).toThrow(ConfigError)
  })
})
