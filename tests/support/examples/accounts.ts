import { scopes } from '../../../server/src/contract/scopes.ts'
import { expectOk } from '../expect-clean.ts'
import { field, mutate, query } from '../http.ts'
import { addPeople, addPerson, logIn, newEmail, PASSWORD, type Person, textOf } from '../people.ts'
import type { PrincipalName } from '../principals.ts'
import type { World } from '../world.ts'
import type { Example, ExampleFactory } from './example.ts'

const NEXT_PASSWORD = 'rT4 velvet anchor 91 meadow'

/** Examples of `auth.*`, `users.*` and `apiKeys.*`. */
export const accountExamples: Record<string, ExampleFactory> = {
  'auth.register': async () => ({
    input: { email: newEmail(), password: PASSWORD, fullName: 'Somebody New' },
  }),
  'auth.login': async (world) => ({ input: { email: (await throwaway(world)).email, password: PASSWORD } }),
  'auth.refresh': async (world) => {
    const { refreshToken } = await addPerson(world.server)
    return { input: { refreshToken } }
  },
  'auth.logout': async (world, caller) => ({ input: undefined, as: await again(world, caller) }),
  'auth.logoutAll': async (world) => ({ input: undefined, as: (await addPerson(world.server)).token }),
  'auth.changePassword': async (world) => ({
    input: { currentPassword: PASSWORD, newPassword: NEXT_PASSWORD },
    as: (await addPerson(world.server)).token,
  }),
  'auth.requestPasswordReset': async (world) => ({ input: { email: (await throwaway(world)).email } }),
  'auth.resetPassword': async (world) => {
    const { email } = await throwaway(world)
    expectOk(await mutate(world.server.baseUrl, 'auth.requestPasswordReset', { email }))
    return { input: { token: await mailed(world, email, 'reset-password'), password: NEXT_PASSWORD } }
  },
  'auth.verifyEmail': async (world) => ({ input: { token: await verification(world) } }),
  'auth.resendVerification': async () => ({ input: { email: newEmail() } }),
  'auth.sessions.list': async () => ({ input: {} }),
  'auth.sessions.revoke': async (world, caller) => {
    const token = (await again(world, caller)) ?? ''
    const sessions = expectOk(await query(world.server.baseUrl, 'auth.sessions.list', {}, { token }))
    const rows = field(sessions.data, 'data')
    // Of all of theirs, the one that was begun for this.
    const own = Array.isArray(rows) ? rows.find((row) => field(row, 'current') === true) : undefined
    return { input: { id: textOf(own, 'id') }, as: token }
  },

  'users.me': async () => ({ input: undefined }),
  'users.get': (world, caller) => aboutOneself(world, caller, ({ id }) => ({ id })),
  'users.getByEmail': (world, caller) => aboutOneself(world, caller, ({ email }) => ({ email })),
  'users.list': async () => ({ input: { search: 'viewer', role: 'user', limit: 5 } }),
  'users.update': (world, caller) =>
    aboutOneself(world, caller, ({ id }) => ({ id, data: { fullName: 'Changed' } })),
  'users.setRole': async (world) => ({ input: { id: (await throwaway(world)).id, role: 'user' } }),
  'users.setPlan': async (world) => ({
    input: { id: (await throwaway(world)).id, betaTester: true, subscriptionTier: 'premium' },
  }),
  'users.suspend': async (world) => ({ input: { id: (await throwaway(world)).id } }),
  'users.unsuspend': async (world) => ({ input: { id: (await throwaway(world)).id } }),
  'users.delete': (world, caller) => aboutOneself(world, caller, ({ id }) => ({ id })),
  'users.stats': (world, caller) => aboutOneself(world, caller, ({ id }) => ({ id })),

  'apiKeys.create': async () => ({ input: { name: 'Key', scopes: [...scopes] } }),
  'apiKeys.list': async () => ({ input: {} }),
  'apiKeys.revoke': async (world, caller) => {
    // A session of its own, with a fresh proof of the password.
    const token = (await again(world, caller)) ?? ''
    const made = await mutate(
      world.server.baseUrl,
      'apiKeys.create',
      { name: 'Key', scopes: ['tasks:read'] },
      { token },
    )
    return { input: { id: textOf(expectOk(made, { tokens: true }), 'id') } }
  },
}

async function throwaway(world: World) {
  const [person] = await addPeople(world.server, ['throwaway'])
  if (person === undefined) throw new Error('Nobody was made')
  return person
}

/** Another session of the same user, for calls that end one. */
async function again(world: World, caller: PrincipalName): Promise<string | undefined> {
  const { email, token } = world.principals[caller]
  return token?.startsWith('eyJ') === true ? (await logIn(world.server, email)).token : token
}

/** Called by the person it is about, or by somebody who may do it to anybody. */
async function aboutOneself(
  world: World,
  caller: PrincipalName,
  input: (person: Person) => unknown,
): Promise<Example> {
  const person = await addPerson(world.server)
  const admin = caller === 'admin' || caller === 'superAdmin'
  return { input: input(person), as: admin ? undefined : person.token }
}

async function mailed(world: World, email: string, template: string): Promise<string> {
  const { text } = await world.server.mails.last(email, template)
  return /token=([\w.~-]+)/.exec(text)?.[1] ?? ''
}

async function verification(world: World): Promise<string> {
  const email = newEmail()
  const input = { email, password: PASSWORD, fullName: 'Somebody New' }
  expectOk(await mutate(world.server.baseUrl, 'auth.register', input), { tokens: true })
  return mailed(world, email, 'welcome')
}
