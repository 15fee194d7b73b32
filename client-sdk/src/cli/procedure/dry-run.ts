import { stat } from 'node:fs/promises'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printAnswer } from '../output/print-answer.ts'
import type { Invocation } from './invocation.ts'
import type { ProcedureFlags } from './procedure-flags.ts'
import { withoutSecrets } from './without-secrets.ts'

/** Shows what would be sent, to which server and as whom. Secrets are not shown. */
export async function printDryRun(
  { cli, procedure, flags, input }: Invocation,
  { secrets }: ProcedureFlags,
): Promise<ExitCode> {
  const { baseUrl, profile, apiKey, isForThisServer, kept } = await cli.settings()
  const idempotencyKey = flags.value('idempotency-key')
  const file = flags.value('file')
  const bytes = file === undefined ? undefined : (await stat(file).catch(() => undefined))?.size
  const call = {
    dryRun: true,
    procedure: procedure.path,
    kind: procedure.kind,
    server: baseUrl,
    as: apiKey !== undefined ? 'PLINTH_API_KEY' : isForThisServer ? (kept?.account ?? profile) : null,
    input: input === undefined ? null : withoutSecrets(input, secrets),
    ...(file === undefined ? {} : { file, bytes: bytes ?? null }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
  await printAnswer(call, cli.flags.output === 'ndjson' ? 'ndjson' : 'json', cli.terminal)
  cli.say('Nothing was sent.')
  return exitCodes.ok
}
