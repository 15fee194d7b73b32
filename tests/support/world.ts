import { randomUUID } from 'node:crypto'
import type { Overrides } from '../../server/src/app.ts'
import type { MemberRole } from '../../server/src/contract/policy.ts'
import { scopes } from '../../server/src/contract/scopes.ts'
import { expectOk } from './expect-clean.ts'
import { mutate } from './http.ts'
import { MINUTE, type MovingClock, movingClock } from './moving-clock.ts'
import { addPeople, logIn, newAddress, type Person, textOf } from './people.ts'
import { type Principal, type PrincipalName, principalNames } from './principals.ts'
import { startServer, type TestServer } from './server.ts'

/** A project with one task in it. */
export interface Fixture {
  readonly projectId: string
  readonly taskId: string
}

/** A server with somebody of every kind. */
export interface World extends AsyncDisposable {
  readonly server: TestServer
  readonly clock: MovingClock
  readonly principals: Readonly<Record<PrincipalName, Principal>>
  /** The project everybody's role is about; its task carries {@link CANARY}. */
  readonly alpha: Fixture
  /** The project of `otherOwner`. */
  readonly beta: Fixture
  /** A project like `alpha` that a test may ruin. */
  project(): Promise<Fixture>
}

/** Stands in `alpha` and must never reach anybody outside of it. */
export const CANARY = 'canary-Zx81-lantern'

/** Who is in `alpha`, by principal. */
const MEMBERS: Partial<Record<PrincipalName, MemberRole>> = {
  viewer: 'viewer',
  editor: 'editor',
  owner: 'owner',
  staleOwner: 'owner',
  suspendedEditor: 'editor',
  revokedSession: 'editor',
  expiredToken: 'editor',
  narrowKey: 'editor',
  viewerKey: 'viewer',
}

/** Starts a server and brings everybody in {@link principalNames} into the state their name tells. */
export async function createWorld(
  variables: Record<string, string> = {},
  overrides: Overrides = {},
): Promise<World> {
  const clock = movingClock()
  const server = await startServer({
    variables: { TRUSTED_PROXIES: '127.0.0.1', ...variables },
    overrides: { ...overrides, clock },
  })
  const people = await populate(server)
  const members = Object.entries(MEMBERS).map(([name, role]) => ({ userId: idOf(people, name), role }))
  const project = () => addProject(server, members)
  const alpha = await project()
  const beta = await addProject(server, [{ userId: idOf(people, 'otherOwner'), role: 'owner' }])
  const principals = await credentials(server, clock, people, alpha)
  return {
    server,
    clock,
    principals,
    alpha,
    beta,
    project,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

type People = Readonly<Record<string, Person>>

async function populate(server: TestServer): Promise<People> {
  const admins = ['admin', 'superAdmin']
  const users = principalNames.filter((name) => name !== 'anonymous' && !admins.includes(name))
  const made = [
    ...(await addPeople(server, users)),
    ...(await addPeople(server, ['admin'], 'admin')),
    ...(await addPeople(server, ['superAdmin'], 'super_admin')),
  ]
  return Object.fromEntries([...users, ...admins].map((name, index) => [name, made[index] ?? never(name)]))
}

function never(name: string): never {
  throw new Error(`There is no ${name}`)
}

function idOf(people: People, name: string): string {
  return (people[name] ?? never(name)).id
}

async function addProject(
  server: TestServer,
  members: readonly { readonly userId: string; readonly role: MemberRole }[],
): Promise<Fixture> {
  const [projectId, taskId] = [randomUUID(), randomUUID()]
  await server.database.prisma.project.create({
    data: {
      id: projectId,
      name: `Project ${CANARY}`,
      slug: `p-${projectId}`,
      description: CANARY,
      members: { create: [...members] },
      tasks: { create: { id: taskId, title: `Task ${CANARY}`, description: CANARY } },
    },
  })
  return { projectId, taskId }
}

async function credentials(
  server: TestServer,
  clock: MovingClock,
  people: People,
  alpha: Fixture,
): Promise<Record<PrincipalName, Principal>> {
  const enter = async (name: PrincipalName): Promise<Principal> => {
    const person = people[name] ?? never(name)
    const { token } = await logIn(server, person.email)
    return { name, ...person, token }
  }
  // Both logged in before: one so long ago that its token is over, one that its password is no fresh proof any more.
  clock.move(-120 * MINUTE)
  const expiredToken = await enter('expiredToken')
  clock.reset()
  clock.move(-20 * MINUTE)
  const staleOwner = await enter('staleOwner')
  clock.reset()

  const plain = ['stranger', 'viewer', 'editor', 'owner', 'otherOwner', 'admin', 'superAdmin'] as const
  const entered = new Map<PrincipalName, Principal>()
  for (const name of plain) entered.set(name, await enter(name))
  const get = (name: PrincipalName) => entered.get(name) ?? never(name)

  const revokedSession = await enter('revokedSession')
  expectOk(await mutate(server.baseUrl, 'auth.logout', undefined, { token: revokedSession.token ?? '' }))
  const suspendedEditor = await enter('suspendedEditor')
  const admin = { token: get('admin').token }
  expectOk(await mutate(server.baseUrl, 'users.suspend', { id: suspendedEditor.id }, admin))
  const removedMember = await addAndRemove(server, alpha, await enter('removedMember'), get('owner'))
  const narrowKey = await withKey(server, await enter('narrowKey'), ['tasks:read'])
  const viewerKey = await withKey(server, await enter('viewerKey'), scopes)
  return {
    anonymous: { name: 'anonymous', id: '', email: '', token: undefined },
    stranger: get('stranger'),
    viewer: get('viewer'),
    editor: get('editor'),
    owner: get('owner'),
    staleOwner,
    otherOwner: get('otherOwner'),
    admin: get('admin'),
    superAdmin: get('superAdmin'),
    suspendedEditor,
    removedMember,
    revokedSession,
    expiredToken,
    narrowKey,
    viewerKey,
  }
}

async function addAndRemove(
  server: TestServer,
  alpha: Fixture,
  who: Principal,
  owner: Principal,
): Promise<Principal> {
  const { projectId } = alpha
  const as = { token: owner.token }
  expectOk(
    await mutate(server.baseUrl, 'projects.members.add', { projectId, email: who.email, role: 'editor' }, as),
  )
  expectOk(await mutate(server.baseUrl, 'projects.members.remove', { projectId, userId: who.id }, as))
  return who
}

async function withKey(server: TestServer, who: Principal, granted: readonly string[]): Promise<Principal> {
  const answer = await mutate(
    server.baseUrl,
    'apiKeys.create',
    { name: who.name, scopes: [...granted] },
    { token: who.token, headers: newAddress() },
  )
  expectOk(answer, { tokens: true })
  return { ...who, token: textOf(answer, 'key') }
}
