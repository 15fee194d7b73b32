import { callProcedure } from '../../call.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { parseCount } from '../flags/duration.ts'
import { nextCursorOf, printLine, rowsOf } from '../output/print-answer.ts'
import { UsageError } from '../usage-error.ts'
import { callOptions } from './call-options.ts'
import type { Invocation } from './invocation.ts'
import { targetOf } from './target.ts'

const MAX_ROWS = 100_000
/** Full pages, unless told otherwise. */
const PAGE_SIZE = 100
const MAX_LIMIT_WAIT_MS = 60_000

/**
 * Prints every row of a list as it comes, page by page, each on a line.
 * @throws Failure when there is more than may be printed and nobody said how much is enough
 */
export async function runPages(invocation: Invocation): Promise<ExitCode> {
  const { cli, procedure, flags, input } = invocation
  if (cli.flags.output === 'table' || cli.flags.output === 'json')
    throw new UsageError('--all prints one row per line: leave --output out, or say --output ndjson.')
  if (input?.page !== undefined) throw new UsageError('Give either --all or --page.')
  const asked = flags.value('max-rows')
  const max = asked === undefined ? MAX_ROWS : parseCount('max-rows', asked, 1)
  const { runtime } = await cli.connect()
  const retry = { waitForLimits: MAX_LIMIT_WAIT_MS }
  let page: Readonly<Record<string, unknown>> = { limit: Math.min(PAGE_SIZE, max), ...input }
  let printed = 0
  while (true) {
    const timeoutMs = cli.flags.timeoutMs ?? runtime.timeoutMs + MAX_LIMIT_WAIT_MS
    const answer = await callProcedure(runtime, targetOf(procedure), page, {
      ...callOptions(invocation),
      retry,
      timeoutMs,
    })
    for (const row of rowsOf(answer) ?? []) {
      if (printed >= max) return enough(asked, max)
      await printLine(row, cli.terminal)
      printed += 1
    }
    const cursor = nextCursorOf(answer)
    if (cursor === undefined) return exitCodes.ok
    if (printed >= max) return enough(asked, max)
    page = { ...page, cursor }
  }
}

function enough(asked: string | undefined, max: number): ExitCode {
  if (asked !== undefined) return exitCodes.ok
  throw new Failure(
    exitCodes.failed,
    `There are more than ${max} rows.`,
    'Say how many you want with --max-rows.',
  )
}
