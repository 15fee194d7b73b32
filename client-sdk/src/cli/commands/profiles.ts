import type { Cli } from '../cli.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printAnswer } from '../output/print-answer.ts'
import { UsageError } from '../usage-error.ts'
import type { CommandCall } from './command.ts'

/** `plinth profiles`: lists, chooses and forgets profiles. Never shows what they log in with. */
export async function listProfiles(cli: Cli, { flags }: CommandCall): Promise<ExitCode> {
  const [verb, name, ...more] = flags.positionals
  if (verb === undefined) return await list(cli)
  if (name === undefined || more.length > 0 || (verb !== 'use' && verb !== 'remove'))
    throw new UsageError(
      'Say: plinth profiles, plinth profiles use <name>, or plinth profiles remove <name>.',
    )
  if ((await cli.profiles.read(name)) === undefined)
    throw new UsageError(`There is no profile “${name}”.`, 'plinth profiles')
  if (verb === 'use') await cli.profiles.use(name)
  else await cli.profiles.remove(name)
  cli.say(verb === 'use' ? `Profile ${name} is used from now on.` : `Profile ${name} is forgotten.`)
  return exitCodes.ok
}

async function list(cli: Cli): Promise<ExitCode> {
  const current = await cli.profiles.current()
  const rows = []
  for (const name of await cli.profiles.names()) {
    const { baseUrl, account, apiKey, tokens } = (await cli.profiles.read(name)) ?? { baseUrl: '' }
    const via = apiKey !== undefined ? 'API key' : tokens !== undefined ? 'session' : null
    rows.push({ name, current: name === current, server: baseUrl, account: account ?? null, via })
  }
  await printAnswer(rows, cli.output, cli.terminal)
  return exitCodes.ok
}
