import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { type Answer, mutate } from '../support/http.ts'
import { expectNoEffect } from '../support/no-effect.ts'
import { newAddress, newEmail, PASSWORD, textOf, tryLogIn } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { timed } from '../support/until.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' } })
})
afterAll(() => server[Symbol.asyncDispose]())

const registerWith = (password: unknown, email = newEmail(), fullName = 'Somebody New'): Promise<Answer> =>
  mutate(server.baseUrl, 'auth.register', { email, password, fullName }, { headers: newAddress() })

async function expectAccepted(password: string): Promise<void> {
  const email = newEmail()
  expectOk(await registerWith(password, email), { tokens: true })
  expectOk(await tryLogIn(server, email, password), { tokens: true })
}

async function expectWeak(password: string): Promise<Answer> {
  const answer = await expectNoEffect(server.database, () => registerWith(password))
  expectRefused(answer, 400)
  expect(answer.error?.issues.map(({ field }) => field)).toEqual(['password'])
  expect(answer.text, 'the password is not said again').not.toContain(JSON.stringify(password).slice(1, -1))
  return answer
}

describe('A1 the length of a password', () => {
  test('eleven characters are refused, twelve are enough', async () => {
    await expectWeak('mVq7 tulip4')
    await expectAccepted('mVq7 tulip42')
  })

  test('code points count, not bytes or units', async () => {
    await expectWeak('🌷🌵🍋🐙🚲⛵🎻🧊🪁🧭🧶')
    await expectAccepted('🌷🌵🍋🐙🚲⛵🎻🧊🪁🧭🧶🪵')
  })

  test('64 and 128 characters are accepted, more are refused and never cut', async () => {
    const long = Array.from({ length: 128 }, (_, index) =>
      String.fromCharCode(97 + ((index * 7 + index ** 2) % 26)),
    )
    await expectAccepted(long.slice(0, 64).join(''))
    await expectAccepted(long.join(''))
    await expectWeak(`${long.join('')}x`)
  })

  test('10,000 characters are refused before anything is hashed', async () => {
    const { answer, ms } = await timed(() => registerWith('xY7 '.repeat(2_500)))
    expectRefused(answer, 400)
    expect(ms).toBeLessThan(500)
    const login = await tryLogIn(server, newEmail(), 'xY7 '.repeat(2_500))
    expectRefused(login, [400, 401])
  })
})

describe('A2 the whole password counts', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['after 72 bytes', `${'aB3'.repeat(24)}X end`, `${'aB3'.repeat(24)}Y end`],
    ['in the last of 40 emoji', `${'🌷🌵🍋🐙'.repeat(9)}🚲⛵🎻🧊`, `${'🌷🌵🍋🐙'.repeat(9)}🚲⛵🎻🪁`],
    ['after a NUL', 'granite \0 harbour A', 'granite \0 harbour B'],
    ['in its case', 'Granite Harbour 42', 'granite harbour 42'],
    ['in a trailing space', 'granite harbour 42', 'granite harbour 42 '],
  ]
  test.each(cases)('passwords that differ %s are two', async (_name, right, wrong) => {
    const email = newEmail()
    expectOk(await registerWith(right, email), { tokens: true })
    expectRefused(await tryLogIn(server, email, wrong), 401)
    expectOk(await tryLogIn(server, email, right), { tokens: true })
  })
})

describe('A3 a list of what everybody tries, and nothing else', () => {
  const common = [
    'password1234',
    'passwordpassword',
    'qwertyuiop123',
    '123456789012',
    '1234567890123',
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    'abcdefghijkl',
    'iloveyou1234',
    'letmein12345',
    'football1234',
    '!!password!!',
    'plinth-plinth-2026',
    'Plinth2026Plinth',
    '111111111111',
    'qwertyqwerty',
    'zyxwvutsrqpo',
    'asdfghjkl;12',
  ]
  test.each(common)('%s is refused with a reason', async (password) => {
    const answer = await expectWeak(password)
    expect(answer.error?.reason).toBe('PASSWORD_REFUSED')
    expect(answer.error?.message).toMatch(/another password/i)
  })

  test('one made of the name or the address of the person is refused', async () => {
    const email = newEmail('waldorfstatler')
    const [local = ''] = email.split('@')
    for (const password of [`${local}!`, 'WaldorfStatler1', 'Fozzie Bear 99']) {
      expectRefused(await registerWith(password, email, 'Fozzie Bear'), 400)
    }
  })

  test.each([
    'no digits or capitals here',
    'correcthorsebatterystaple',
    '7301 9482 1157 0264',
    'ЯблокоГранитПарус',
    '木漏れ日の中を歩く猫がいた春',
    '            harbour granite',
  ])('%j needs no other kind of character', (password) => expectAccepted(password))

  test('composed and decomposed spellings are one password', async () => {
    const email = newEmail()
    const composed = 'Äpfel und Öl für 7 Bögen'
    expectOk(await registerWith(composed.normalize('NFC'), email), { tokens: true })
    expectOk(await tryLogIn(server, email, composed.normalize('NFD')), { tokens: true })
    expectRefused(await tryLogIn(server, email, composed.toLowerCase()), 401)
  })

  test('changing and resetting ask the same of a new password', async () => {
    const registered = expectOk(await registerWith(PASSWORD), { tokens: true })
    const token = textOf(registered, 'accessToken')
    for (const newPassword of ['short', 'password1234', 'x'.repeat(129)]) {
      const answer = await expectNoEffect(server.database, () =>
        mutate(server.baseUrl, 'auth.changePassword', { currentPassword: PASSWORD, newPassword }, { token }),
      )
      expect(expectRefused(answer, 400).error?.issues[0]?.field).toBe('newPassword')
    }
  })
})

describe('A5 what is stored', () => {
  test('is a bcrypt hash of the configured cost that no other server secret opens, with no password in the dump', async () => {
    const answer = expectOk(await registerWith(PASSWORD), { tokens: true })
    const id = textOf(answer, 'user', 'id')
    const { passwordHash } = await server.database.prisma.user.findUniqueOrThrow({ where: { id } })
    expect(passwordHash).toMatch(/^\$2b\$04\$[./\w]{53}/)
    await using other = await startServer({ variables: { JWT_SECRET: 'Zk3mQ8rT1vX5yB7nC9pL2sD4fG6hJ0wAeU' } })
    const email = newEmail()
    await other.database.prisma.user.create({ data: { email, fullName: 'Copied', passwordHash } })
    expectRefused(await tryLogIn(other, email, PASSWORD, {}), 401)
  })

  test('is made again when the cost rises, at the next log-in', async () => {
    const email = newEmail()
    const answer = expectOk(await registerWith(PASSWORD, email), { tokens: true })
    const where = { id: textOf(answer, 'user', 'id') }
    const { passwordHash } = await server.database.prisma.user.findUniqueOrThrow({ where })
    await using stronger = await startServer({ variables: { BCRYPT_COST: '6' } })
    await stronger.database.prisma.user.create({ data: { ...where, email, fullName: 'Moved', passwordHash } })
    expectOk(await tryLogIn(stronger, email, PASSWORD, {}), { tokens: true })
    const after = await stronger.database.prisma.user.findUniqueOrThrow({ where })
    expect(after.passwordHash).toMatch(/^\$2b\$06\$/)
    expectOk(await tryLogIn(stronger, email, PASSWORD, {}), { tokens: true })
  })
})
