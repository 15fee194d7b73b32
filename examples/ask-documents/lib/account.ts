import { randomBytes } from 'node:crypto'
import { type Client, safe } from '@plinth/client'

/** The first call of a run: a server that is not there should be noticed at once, not waited for. */
const SOON = { retry: { attempts: 4 } }

/** An account and how to get into it again. */
export interface Account {
  readonly email: string
  readonly password: string
  readonly isNew: boolean
}

/**
 * Logs `client` in; registers the account first if there is none, and makes one up if none is named. From here on the
 * client keeps its tokens fresh by itself.
 */
export async function signIn(
  client: Client,
  wanted: { email: string | undefined; password: string | undefined },
): Promise<Account> {
  const { email, password } = wanted
  if (email === undefined || password === undefined) return await register(client, inventAccount('reader'))
  const [refused] = await safe(client.auth.login.mutate({ email, password }, SOON))
  if (refused === null) return { email, password, isNew: false }
  // The server does not tell a wrong password from an account that is not there.
  if (refused.reason !== 'INVALID_CREDENTIALS') throw refused
  return await register(client, { email, password })
}

/** An address and a password nobody has. */
export function inventAccount(name: string): { email: string; password: string } {
  return {
    email: `${name}-${randomBytes(6).toString('hex')}@example.com`,
    password: randomBytes(18).toString('base64url'),
  }
}

async function register(client: Client, account: { email: string; password: string }): Promise<Account> {
  await client.auth.register.mutate({ ...account, fullName: 'Reader of documents' }, SOON)
  return { ...account, isNew: true }
}
