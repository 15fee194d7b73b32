import { callProcedure } from '../../call.ts'
import { createRuntime } from '../../runtime.ts'
import { memoryTokens } from '../../token-storage.ts'
import type { Cli } from '../cli.ts'
import { openProfiles } from '../config/profiles.ts'
import { readSettings } from '../config/settings.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { oneLine } from '../output/sanitise.ts'
import { tellOutdated } from '../procedure/tell-outdated.ts'
import { isRecord } from '../records.ts'
import { headersOf } from '../request-headers.ts'
import { UsageError } from '../usage-error.ts'
import type { CommandCall } from './command.ts'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** `plinth login`: proves who somebody is, and only then writes the profile. */
export async function login(cli: Cli, { flags }: CommandCall): Promise<ExitCode> {
  const { baseUrl, profile } = await readSettings(cli.flags, cli.terminal.env, cli.profiles, false)
  const { protocol, hostname } = new URL(baseUrl)
  if (protocol === 'http:' && !LOOPBACK.test(hostname))
    cli.say(`${baseUrl} is not encrypted: whoever is on the way can read what you send.`)
  const isFirst = (await cli.profiles.names()).length === 0
  const account = flags.has('api-key')
    ? await byKey(cli, baseUrl, profile)
    : await byPassword(cli, baseUrl, profile, flags.value('email'), flags.has('password-stdin'))
  if (isFirst || cli.flags.profile !== undefined) await openProfiles(cli.terminal.env).use(profile)
  cli.say(`Logged in to ${baseUrl} as ${oneLine(account)} (profile ${profile}).`)
  return exitCodes.ok
}

async function byPassword(
  cli: Cli,
  baseUrl: string,
  profile: string,
  givenEmail: string | undefined,
  isPiped: boolean,
): Promise<string> {
  const { canAsk } = cli.terminal
  if (!isPiped && !canAsk)
    throw new UsageError('Nobody can be asked here: pipe the password in with --password-stdin.')
  if (givenEmail === undefined && (!canAsk || isPiped)) throw new UsageError('Give --email as well.')
  const prompts = canAsk ? await import('../output/prompts.ts') : undefined
  const email = givenEmail ?? (await prompts?.askText('E-mail address')) ?? ''
  const password = isPiped ? await firstLine(cli) : ((await prompts?.askSecret('Password')) ?? '')
  const tokens = memoryTokens()
  const answer = await callProcedure(
    runtimeFor(cli, baseUrl, { tokens }),
    { path: 'auth.login', kind: 'mutation' },
    { email, password },
    { signal: cli.terminal.signal },
  )
  const kept = (await tokens.get()) ?? undefined
  const user = isRecord(answer) && isRecord(answer.user) ? answer.user : {}
  const account = typeof user.email === 'string' ? user.email : email
  await cli.profiles.exclusive(profile, () => cli.profiles.write(profile, { baseUrl, account, tokens: kept }))
  return account
}

async function byKey(cli: Cli, baseUrl: string, profile: string): Promise<string> {
  const apiKey = cli.terminal.canAsk
    ? (await (await import('../output/prompts.ts')).askSecret('API key')).trim()
    : await firstLine(cli)
  const account = await accountOfKey(cli, baseUrl, apiKey)
  await cli.profiles.exclusive(profile, () => cli.profiles.write(profile, { baseUrl, account, apiKey }))
  return account
}

/** Whose key it is. A key that may not ask proves by being refused for its scopes that it is one. */
async function accountOfKey(cli: Cli, baseUrl: string, apiKey: string): Promise<string> {
  const { isPlinthError } = await import('../../plinth-error.ts')
  try {
    const options = { signal: cli.terminal.signal }
    const target = { path: 'users.me', kind: 'query' } as const
    const me = await callProcedure(runtimeFor(cli, baseUrl, { apiKey }), target, undefined, options)
    return isRecord(me) && typeof me.email === 'string' ? me.email : 'an API key'
  } catch (error) {
    if (isPlinthError(error) && error.reason === 'SCOPE_MISSING') return 'an API key'
    throw error
  }
}

function runtimeFor(
  cli: Cli,
  baseUrl: string,
  as: { apiKey?: string; tokens?: ReturnType<typeof memoryTokens> },
) {
  return createRuntime({
    baseUrl,
    headers: headersOf(cli.version),
    timeoutMs: cli.flags.timeoutMs,
    onWarning: tellOutdated(cli),
    ...as,
  })
}

async function firstLine(cli: Cli): Promise<string> {
  const [line = ''] = (await cli.terminal.readInput()).split(/\r?\n/, 1)
  if (line === '') throw new UsageError('Standard input is empty.')
  return line
}
