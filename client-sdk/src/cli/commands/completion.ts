import type { Cli } from '../cli.ts'
import { scripts, shells } from '../completion/scripts.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'
import type { CommandCall } from './command.ts'

/** `plinth completion <shell>`: prints what the shell reads. */
export async function printCompletion(cli: Cli, { flags }: CommandCall): Promise<ExitCode> {
  const shell = shells.find((name) => name === flags.positionals[0])
  if (shell === undefined || flags.positionals.length > 1)
    throw new UsageError(`Say for which shell: plinth completion ${shells.join('|')}.`)
  await cli.terminal.write(scripts[shell])
  return exitCodes.ok
}
