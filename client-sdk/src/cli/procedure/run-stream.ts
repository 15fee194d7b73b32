import { iterateStream } from '../../event-iterator.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { parseCount } from '../flags/duration.ts'
import { printLine } from '../output/print-answer.ts'
import { oneLine } from '../output/sanitise.ts'
import { UsageError } from '../usage-error.ts'
import type { Invocation } from './invocation.ts'

/**
 * Prints the events of a stream as they come, `{"id":…,"data":…}` on a line each, until it is interrupted, has ended, or
 * has had `--limit` events. Lost connections are the SDK's to mend: no event is missing, none comes twice.
 */
export async function runStream({ cli, procedure, flags, input }: Invocation): Promise<ExitCode> {
  const { terminal } = cli
  if (cli.flags.output === 'table' || cli.flags.output === 'json')
    throw new UsageError(
      'A stream is printed as one event per line: leave --output out, or say --output ndjson.',
    )
  const limit = flags.value('limit')
  const max = limit === undefined ? Number.POSITIVE_INFINITY : parseCount('limit', limit, 1)
  const { runtime } = await cli.connect()
  const lastEventId = flags.value('last-event-id')
  const options = { signal: terminal.signal, lastEventId, timeoutMs: cli.flags.timeoutMs }
  let last: string | undefined
  let count = 0
  if (terminal.outIsTerminal) cli.say('Waiting for events; Ctrl-C ends it.')
  for await (const event of iterateStream(runtime, procedure.path, input, options)) {
    await printLine({ id: event.id, data: event.data }, terminal)
    last = event.id
    count += 1
    if (count >= max) break
  }
  if (!terminal.signal.aborted) return exitCodes.ok
  if (last !== undefined) cli.say(`Interrupted. To go on: --last-event-id ${oneLine(last)}`)
  return exitCodes.interrupted
}
