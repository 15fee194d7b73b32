import type { Cli } from '../cli.ts'
import { complete } from '../completion/candidates.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { oneLine } from '../output/sanitise.ts'
import type { CommandCall } from './command.ts'

/** `plinth __complete <words…>`: what shells ask. Says nothing where it knows nothing. */
export async function completeWords(cli: Cli, { args }: CommandCall): Promise<ExitCode> {
  const contract = await cli
    .contract()
    .then((source) => source.get('completion'))
    .catch(() => undefined)
  const { candidates, files } = complete(args, contract, await cli.profiles.names())
  const lines = candidates.map(({ text, description }) => `${oneLine(text)}\t${oneLine(description)}`)
  if (files) lines.push(':files')
  if (lines.length > 0) await cli.terminal.write(`${lines.join('\n')}\n`)
  return exitCodes.ok
}
