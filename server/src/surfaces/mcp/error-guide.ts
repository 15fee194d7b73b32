import { errorCodes, errorReasons, fail, failBecause } from '../../contract/errors.ts'
import { nextStepOf } from '../tools/next-step.ts'

/** The catalogue of errors for a model to read, as Markdown. */
export function errorGuide(): string {
  const codes = keysOf(errorCodes).map((code) => row(code, errorCodes[code].message, nextStepOf(fail(code))))
  const reasons = keysOf(errorReasons).map((reason) =>
    row(
      `${reason} (${errorReasons[reason].code})`,
      errorReasons[reason].message,
      nextStepOf(failBecause(reason)),
    ),
  )
  const head = ['| error | meaning | what to do |', '| --- | --- | --- |']
  return [
    '# Errors',
    '',
    '## Codes',
    '',
    ...head,
    ...codes,
    '',
    '## Reasons',
    '',
    ...head,
    ...reasons,
    '',
  ].join('\n')
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function keysOf<T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record).filter((key): key is keyof T & string => key in record)
}
