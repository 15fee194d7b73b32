import { oneLine } from '../output/sanitise.ts'
import { UsageError } from '../usage-error.ts'
import { wordsOf } from '../words.ts'
import type { Invocation } from './invocation.ts'
import type { ProcedureFlags } from './procedure-flags.ts'
import { withoutSecrets } from './without-secrets.ts'

/**
 * Asks whether to do something that takes something away.
 * @throws UsageError where nobody can be asked
 */
export async function confirm(
  { cli, procedure, input }: Invocation,
  { secrets }: ProcedureFlags,
): Promise<boolean> {
  const words = wordsOf(procedure.path).join(' ')
  if (!cli.terminal.canAsk) {
    throw new UsageError(
      `${words} takes something away, and nobody can be asked here: say --yes to do it. Nothing was sent.`,
    )
  }
  const { askYesNo } = await import('../output/prompts.ts')
  const { baseUrl } = await cli.settings()
  return await askYesNo(
    `${oneLine(procedure.summary)} ${oneLine(JSON.stringify(withoutSecrets(input ?? {}, secrets)))} on ${baseUrl}. Do it?`,
  )
}
