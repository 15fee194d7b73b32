import { callProcedure } from '../../call.ts'
import type { Cli } from '../cli.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { printAnswer } from '../output/print-answer.ts'
import { isRecord } from '../records.ts'

/** `plinth whoami`: asks the server, so that what it says is true now. */
export async function whoami(cli: Cli): Promise<ExitCode> {
  const { profile, baseUrl, apiKey } = await cli.settings()
  const { runtime, hasCredentials } = await cli.connect()
  if (!hasCredentials)
    throw new Failure(
      exitCodes.notLoggedIn,
      `Nobody is logged in to ${baseUrl}.`,
      'Log in with: plinth login',
    )
  const options = { signal: cli.terminal.signal }
  const me = await callProcedure(runtime, { path: 'users.me', kind: 'query' }, undefined, options)
  const account = isRecord(me) ? { email: me.email, fullName: me.fullName, role: me.role, id: me.id } : {}
  const via = apiKey === undefined ? { profile } : { via: 'PLINTH_API_KEY' }
  await printAnswer({ ...account, server: baseUrl, ...via }, cli.output, cli.terminal)
  return exitCodes.ok
}
