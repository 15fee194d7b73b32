import { isPlinthError, type PlinthError } from '../../plinth-error.ts'
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { adviceFor } from './advice.ts'
import { type Colours, colours } from './colours.ts'
import { manyLines, oneLine } from './sanitise.ts'

/** Says on stderr what went wrong and what to do next, and how the command ends. */
export function printError(thrown: unknown, terminal: Terminal): ExitCode {
  const paint = colours(terminal.colourErr)
  if (thrown instanceof UsageError) return say(terminal, paint, exitCodes.usage, thrown.message, thrown.hints)
  if (thrown instanceof Failure) return say(terminal, paint, thrown.exitCode, thrown.message, thrown.hints)
  if (isPlinthError(thrown)) return sayFailedCall(thrown, terminal, paint)
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  const hints = ['This is a mistake in the command itself; please report it with what is above.']
  return say(terminal, paint, exitCodes.failed, text, hints)
}

function say(
  terminal: Terminal,
  paint: Colours,
  code: ExitCode,
  message: string,
  hints: readonly string[],
): ExitCode {
  terminal.say(`${paint.red('error')} ${manyLines(message)}`)
  for (const hint of hints) terminal.say(`  ${manyLines(hint)}`)
  return code
}

function sayFailedCall(error: PlinthError, terminal: Terminal, paint: Colours): ExitCode {
  if (error.code === 'ABORTED') {
    terminal.say('Interrupted.')
    for (const advice of adviceFor(error)) terminal.say(`  ${advice}`)
    return exitCodes.interrupted
  }
  const code = error.reason === undefined ? error.code : `${error.code} (${error.reason})`
  terminal.say(`${paint.red('error')} ${paint.bold(oneLine(code))} ${manyLines(error.message)}`)
  for (const { field, message, value } of error.issues) {
    const shown =
      value === undefined ? '' : paint.dim(` (was ${oneLine(JSON.stringify(value)).slice(0, 100)})`)
    terminal.say(`  ${paint.yellow(oneLine(field))}: ${oneLine(message)}${shown}`)
  }
  for (const advice of adviceFor(error)) terminal.say(`  ${advice}`)
  if (error.traceId !== undefined) terminal.say(paint.dim(`  trace id ${oneLine(error.traceId)}`))
  return exitCodeOf(error)
}
