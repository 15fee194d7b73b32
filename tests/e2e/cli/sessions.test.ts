import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MINUTE, type MovingClock, movingClock } from '../../support/moving-clock.ts'
import { addPerson, type LogIn, PASSWORD, type Person, textOf } from '../../support/people.ts'
import { type Home, installPlinth, logInWith, type PlinthCommand } from '../../support/plinth-command.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { freePort } from '../../support/server-process.ts'

let server: TestServer
let clock: MovingClock
let command: PlinthCommand
let ada: Person & LogIn

beforeAll(async () => {
  const installing = installPlinth()
  clock = movingClock()
  server = await startServer({ variables: { TRUSTED_PROXIES: '127.0.0.1' }, overrides: { clock } })
  command = await installing
  ada = await addPerson(server, 'ada')
})

afterAll(async () => {
  await command?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

/** Everything the command keeps about who is logged in. */
async function kept(home: Home, profile = 'default'): Promise<Record<string, unknown>> {
  const file = path.join(home.directory, `config/plinth/profiles/${profile}.json`)
  return Object(JSON.parse(await readFile(file, 'utf8')))
}

/** Makes the kept access token look used up. */
async function expire(home: Home): Promise<void> {
  const file = path.join(home.directory, 'config/plinth/profiles/default.json')
  const profile = await kept(home)
  const tokens = { ...Object(profile.tokens), expiresAt: new Date(Date.now() - MINUTE).toISOString() }
  await writeFile(file, JSON.stringify({ ...profile, tokens }))
}

describe('logging in', () => {
  test('by a password that is piped in; files for the owner alone; nothing secret is printed', async () => {
    const home = await command.home(server.baseUrl)
    expect(await home.run(['users', 'me'])).toMatchObject({ code: 3, out: '' })
    const login = await home.run(['login', '--email', ada.email, '--password-stdin'], {
      input: `${PASSWORD}\n`,
    })
    expect(login).toMatchObject({ code: 0, out: '' })
    const who = await home.run(['whoami'])
    expect(who.json()).toMatchObject({ email: ada.email, server: server.baseUrl, profile: 'default' })
    const { tokens } = await kept(home)
    const secrets = Object.values(Object(tokens)).filter((value) => String(value).length > 30)
    expect(secrets).toHaveLength(2)
    const printed = [login, who, await home.run(['profiles']), await home.run(['status'])].flatMap(
      ({ out, err }) => [out, err],
    )
    for (const secret of [...secrets, PASSWORD]) expect(printed.join()).not.toContain(String(secret))
    const folder = path.join(home.directory, 'config/plinth/profiles')
    expect(await readdir(folder)).toEqual(['default.json'])
    expect((await stat(path.join(folder, 'default.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const [session] = await server.database.prisma.session.findMany({
      where: { userId: ada.id },
      orderBy: { createdAt: 'desc' },
    })
    expect(session?.userAgent).toMatch(/^plinth\/\d/)
  })

  test('a wrong password keeps nothing; nobody to ask is said', async () => {
    const home = await command.home(server.baseUrl)
    const wrong = await home.run(['login', '--email', ada.email, '--password-stdin'], {
      input: 'wrong words here',
    })
    expect(wrong).toMatchObject({ code: 3, out: '' })
    expect(wrong.err).toContain('INVALID_CREDENTIALS')
    expect(wrong.err).not.toContain('wrong words here')
    expect(await home.run(['login'])).toMatchObject({ code: 2, out: '' })
    expect(await home.run(['login', '--password', 'x'])).toMatchObject({ code: 2, out: '' })
    expect(await readdir(home.directory)).not.toContain('config')
  })

  test('by questions on a terminal, the password hidden', async () => {
    const home = await command.home(server.baseUrl)
    const login = home.onTerminal(['login'])
    await login.says('E-mail address')
    login.type(`${ada.email}\r`)
    await login.says('Password')
    login.type(`${PASSWORD}\r`)
    expect(await login.ended).toMatchObject({ code: 0 })
    expect(login.out()).not.toContain(PASSWORD)
    expect(login.out()).toContain(`Logged in to ${server.baseUrl} as ${ada.email}`)
    const deletes = home.onTerminal(['projects', 'create', '--slug', 'asked'])
    await deletes.says('name')
    deletes.type('Asked\r')
    expect(await deletes.ended).toMatchObject({ code: 0 })
    expect(deletes.out()).toMatch(/slug\s*\S*\s+asked/)
  })

  test('a question about what takes something away: no is the answer of Enter', async () => {
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    const made = await home.run(['projects', 'create', '--name', 'Kept', '--slug', 'kept'])
    const id = textOf(made.json(), 'id')
    const asked = home.onTerminal(['projects', 'delete', id])
    await asked.says('Do it?')
    asked.type('\r')
    expect(await asked.ended).toMatchObject({ code: 130 })
    expect(await home.run(['projects', 'get', id])).toMatchObject({ code: 0 })
    const again = home.onTerminal(['projects', 'delete', id])
    await again.says('Do it?')
    again.type('y')
    expect(await again.ended).toMatchObject({ code: 0 })
    expect(await home.run(['projects', 'get', id])).toMatchObject({ code: 5 })
  })

  test('by an API key that is piped in', async () => {
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    const key = textOf(
      (await home.run(['api-keys', 'create', '--name', 'k', '--scopes', 'tasks:read'])).json(),
      'key',
    )
    expect(await home.run(['login', '--api-key', '--profile', 'key'], { input: `${key}\n` })).toMatchObject({
      code: 0,
    })
    expect(await kept(home, 'key')).toMatchObject({ apiKey: key })
    const profiles = await home.run(['profiles'])
    expect(profiles.json()).toMatchObject([
      { name: 'default', current: false, via: 'session' },
      { name: 'key', current: true, via: 'API key' },
    ])
    expect(profiles.out).not.toContain(key)
    expect(await home.run(['login', '--api-key', '--profile', 'bad'], { input: 'pk_no\n' })).toMatchObject({
      code: 3,
    })
  })

  test('logout ends the session there and forgets it here', async () => {
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    const { tokens } = await kept(home)
    expect(await home.run(['logout'])).toMatchObject({ code: 0 })
    expect(await kept(home)).not.toHaveProperty('tokens')
    const answer = await fetch(`${server.baseUrl}/trpc/users.me`, {
      headers: { authorization: `Bearer ${textOf(tokens, 'accessToken')}` },
    })
    expect(answer.status).toBe(401)
    expect(await home.run(['users', 'me'])).toMatchObject({ code: 3 })
  })

  test('logout ends the session also where an API key goes before it', async () => {
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    const { tokens } = await kept(home)
    const ran = await home.run(['logout'], { env: { PLINTH_API_KEY: 'pk_no' } })
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.err).toContain('PLINTH_API_KEY is set')
    const answer = await fetch(`${server.baseUrl}/trpc/users.me`, {
      headers: { authorization: `Bearer ${textOf(tokens, 'accessToken')}` },
    })
    expect(answer.status).toBe(401)
  })

  test('credentials of one server are not sent to another', async () => {
    const shown: (string | undefined)[] = []
    const other = createServer((req, res) => {
      shown.push(req.headers.authorization)
      res.writeHead(404).end()
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = Object(other.address())
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    try {
      const there = ['--base-url', `http://127.0.0.1:${port}`]
      expect(await home.run(['users', 'me', ...there])).toMatchObject({ code: 3, out: '' })
      expect(await home.run(['whoami', ...there])).toMatchObject({ code: 3, out: '' })
      await home.run(['logout', ...there])
    } finally {
      other.closeAllConnections()
      other.close()
    }
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.filter((header) => header !== undefined)).toEqual([])
  })
})

describe('keeping a session', () => {
  test('many commands at once with an expired token cause one refresh, and all go on', async () => {
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    await home.run(['users', 'me'])
    const before = await kept(home)
    await expire(home)
    const refreshes = () => server.database.prisma.auditEvent.count({ where: { action: 'auth.refresh' } })
    const earlier = await refreshes()
    const ran = await Promise.all(Array.from({ length: 4 }, () => home.run(['users', 'me'])))
    expect(ran.map(({ code, err }) => ({ code, err }))).toEqual(ran.map(() => ({ code: 0, err: '' })))
    expect(await refreshes()).toBeLessThanOrEqual(earlier + 1)
    const after = await kept(home)
    expect(textOf(after.tokens, 'refreshToken')).not.toBe(textOf(before.tokens, 'refreshToken'))
    // Long after, the kept refresh token is the one that counts: nothing looked like theft.
    clock.move(30 * MINUTE)
    await expire(home)
    expect(await home.run(['users', 'me'])).toMatchObject({ code: 0, err: '' })
    clock.reset()
    expect(await readdir(path.join(home.directory, 'config/plinth/profiles'))).toEqual(['default.json'])
  })

  test('a session that ended elsewhere: log in again', async () => {
    const home = await command.home(server.baseUrl)
    await logInWith(home, ada.email, PASSWORD)
    expect(await home.run(['auth', 'sessions', 'list', '-o', 'ndjson'])).toMatchObject({ code: 0 })
    await server.database.prisma.session.updateMany({
      where: { userId: ada.id },
      data: { revokedAt: new Date() },
    })
    await expire(home)
    const ran = await home.run(['users', 'me'])
    expect(ran).toMatchObject({ code: 3, out: '' })
    expect(ran.err).toContain('plinth login')
  })
})

test('a server that is gone: help without it, calls with an exit code of their own', async () => {
  const home = await command.home(`http://127.0.0.1:${await freePort()}`)
  const help = await home.run(['--help'])
  expect(help.code).toBe(0)
  expect(help.out).toMatch(/could not be reached/)
  expect(await home.run(['tasks', 'list'])).toMatchObject({ code: 8, out: '' })
  expect(await home.run(['status', '-o', 'json'])).toMatchObject({ code: 8 })
  expect(await home.run(['--base-url', 'nowhere', 'tasks'])).toMatchObject({ code: 2 })
})
