import { randomUUID } from 'node:crypto'
import type { SystemRole } from '../../server/src/contract/policy.ts'
import { expectOk } from './expect-clean.ts'
import { type Answer, field, mutate } from './http.ts'
import type { TestServer } from './server.ts'

/** Long, and on no list. */
export const PASSWORD = 'mVq7 tulip harbour 42 granite'

/** A user as a test knows them. */
export interface Person {
  readonly id: string
  readonly email: string
}

/** A log-in. */
export interface LogIn {
  readonly token: string
  readonly refreshToken: string
}

let addresses = 0

/** A client address nobody used before; a server that trusts 127.0.0.1 counts it as a caller of its own. */
export function newAddress(): Record<string, string> {
  addresses += 1
  return { 'x-forwarded-for': `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}` }
}

/** An e-mail address nobody used before. */
export function newEmail(name = 'user'): string {
  return `${name.toLowerCase()}-${randomUUID()}@example.com`
}

/** The answer's `data[name]` as text. @throws Error when there is none */
export function textOf(answer: Answer | unknown, ...path: string[]): string {
  let value: unknown = isAnswer(answer) ? answer.data : answer
  for (const name of path) value = field(value, name)
  if (typeof value !== 'string')
    throw new Error(`No text at ${path.join('.')}: ${JSON.stringify(answer).slice(0, 500)}`)
  return value
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'headers' in value && 'data' in value
}

/** Registers somebody over HTTP. */
async function register(server: TestServer, email = newEmail()): Promise<Person & LogIn> {
  const answer = await mutate(
    server.baseUrl,
    'auth.register',
    { email, password: PASSWORD, fullName: 'Somebody New' },
    { headers: newAddress() },
  )
  expectOk(answer, { tokens: true })
  return {
    id: textOf(answer, 'user', 'id'),
    email,
    token: textOf(answer, 'accessToken'),
    refreshToken: textOf(answer, 'refreshToken'),
  }
}

/** Logs in over HTTP, from an address of its own. */
export async function logIn(server: TestServer, email: string, password = PASSWORD): Promise<LogIn> {
  const answer = await tryLogIn(server, email, password)
  expectOk(answer, { tokens: true })
  return { token: textOf(answer, 'accessToken'), refreshToken: textOf(answer, 'refreshToken') }
}

/** Tries to log in, from an address of its own. */
export function tryLogIn(
  server: TestServer,
  email: unknown,
  password: unknown = PASSWORD,
  headers: Record<string, string> = newAddress(),
): Promise<Answer> {
  return mutate(server.baseUrl, 'auth.login', { email, password }, { headers })
}

const known = new WeakMap<TestServer, Promise<string>>()

/** Makes users straight in the database, with the hash of {@link PASSWORD} that the server made once. */
export async function addPeople(
  server: TestServer,
  names: readonly string[],
  role: SystemRole = 'user',
): Promise<Person[]> {
  const hash = known.get(server) ?? hashOfPassword(server)
  known.set(server, hash)
  const passwordHash = await hash
  const people = names.map((name) => ({ id: randomUUID(), email: newEmail(name), fullName: name }))
  await server.database.prisma.user.createMany({
    data: people.map((person) => ({ ...person, role, passwordHash, emailVerifiedAt: new Date() })),
  })
  return people.map(({ id, email }) => ({ id, email }))
}

/** One person as {@link addPeople} makes them, logged in. */
export async function addPerson(
  server: TestServer,
  name = 'user',
  role: SystemRole = 'user',
): Promise<Person & LogIn> {
  const [person] = await addPeople(server, [name], role)
  if (person === undefined) throw new Error('Nobody was made')
  return { ...person, ...(await logIn(server, person.email)) }
}

async function hashOfPassword(server: TestServer): Promise<string> {
  const { id } = await register(server)
  const { passwordHash } = await server.database.prisma.user.findUniqueOrThrow({ where: { id } })
  return passwordHash
}
