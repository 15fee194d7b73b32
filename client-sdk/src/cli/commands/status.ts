import type { Cli } from '../cli.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printAnswer } from '../output/print-answer.ts'
import { oneLine } from '../output/sanitise.ts'

const PATIENCE_MS = 5_000

/** `plinth status`: whether the server answers and is ready, which contract it has, and as whom one calls. */
export async function status(cli: Cli): Promise<ExitCode> {
  const { baseUrl, profile, apiKey, kept, isForThisServer } = await cli.settings()
  const started = performance.now()
  const ready = await isReady(baseUrl, cli.terminal.signal)
  const answeredInMs = Math.round(performance.now() - started)
  const contract = await cli
    .contract()
    .then((source) => source.get('call'))
    .catch(() => undefined)
  const mine = isForThisServer ? kept : undefined
  const account = apiKey !== undefined ? 'PLINTH_API_KEY' : (mine?.account ?? null)
  await printAnswer(
    {
      server: baseUrl,
      ready: ready === 'ready',
      answeredInMs: ready === 'silent' ? null : answeredInMs,
      contract: contract === undefined ? null : oneLine(contract.version),
      procedures: contract?.procedures.length ?? null,
      command: cli.version,
      profile,
      account,
    },
    cli.output,
    cli.terminal,
  )
  if (ready === 'silent') cli.say(`${baseUrl} could not be reached. Is the server running?`)
  if (ready === 'unready') cli.say(`${baseUrl} answers, but is not ready: ${baseUrl}/readyz says why.`)
  return ready === 'ready' ? exitCodes.ok : exitCodes.unavailable
}

async function isReady(baseUrl: string, signal: AbortSignal): Promise<'ready' | 'unready' | 'silent'> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const response = await fetch(`${baseUrl}/readyz`, { signal: patience })
    await response.body?.cancel()
    return response.ok ? 'ready' : 'unready'
  } catch {
    return 'silent'
  }
}
