import { confirm, password, select, text } from '@clack/prompts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { oneLine } from './sanitise.ts'

/** Questions are messages: data alone goes to stdout. */
const output = process.stderr

/** Asks for a line of text; `check` says what is wrong with it. @throws Failure when the person leaves */
export async function askText(
  message: string,
  check?: (text: string) => string | undefined,
): Promise<string> {
  return answered(await text({ message, output, validate: (value) => check?.(value ?? '') }))
}

/** Asks for a text that is not shown. @throws Failure when the person leaves */
export async function askSecret(message: string): Promise<string> {
  return answered(
    await password({
      message,
      output,
      mask: '•',
      validate: (value) => (value ? undefined : 'Type it, or leave with Ctrl-C.'),
    }),
  )
}

/** Asks for one of several. @throws Failure when the person leaves */
export async function askChoice(message: string, choices: readonly string[]): Promise<string> {
  return answered(
    await select({ message, output, options: choices.map((value) => ({ value, label: oneLine(value) })) }),
  )
}

/** Asks yes or no, no being what Enter says. @throws Failure when the person leaves */
export async function askYesNo(message: string): Promise<boolean> {
  return answered(await confirm({ message, output, initialValue: false }))
}

/** Prompts answer with a symbol when the person leaves. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isAnswer(answer)) return answer
  throw new Failure(exitCodes.interrupted, 'Interrupted. Nothing was sent.')
}

function isAnswer<T>(answer: T): answer is Exclude<T, symbol> {
  return typeof answer !== 'symbol'
}
