import { callProcedure } from '../../call.ts'
import { isPlinthError } from '../../plinth-error.ts'
import type { Cli } from '../cli.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { connect } from '../procedure/connect.ts'

/** `plinth logout`: ends the session on the server, and forgets it here even when the server cannot be told. */
export async function logout(cli: Cli): Promise<ExitCode> {
  const settings = await cli.settings()
  const { profile, kept, isForThisServer, apiKey } = settings
  if (kept === undefined) {
    cli.say('Nobody is logged in.')
    return exitCodes.ok
  }
  let told = kept.tokens === undefined || isForThisServer
  if (kept.tokens !== undefined && isForThisServer) {
    // An API key in the environment goes before the session everywhere else, and would end nothing here.
    const { runtime } = connect(cli, { ...settings, apiKey: undefined })
    const options = { signal: cli.terminal.signal }
    told = await callProcedure(runtime, { path: 'auth.logout', kind: 'mutation' }, undefined, options).then(
      () => true,
      (error: unknown) => isPlinthError(error) && error.code === 'UNAUTHORIZED',
    )
  }
  const { tokens: _ended, apiKey: _forgotten, ...rest } = kept
  await cli.profiles.exclusive(profile, () => cli.profiles.write(profile, rest))
  cli.say(`Logged out of ${kept.baseUrl} (profile ${profile}).`)
  if (apiKey !== undefined) cli.say('PLINTH_API_KEY is set: calls go on with it.')
  if (!told) cli.terminal.say('The server could not be told: the session goes on there until it expires.')
  return exitCodes.ok
}
