import type { Procedure } from '../contract/contract.ts'
import { checkInput, type InputIssue } from '../flags/check-input.ts'
import { UsageError } from '../usage-error.ts'
import { wordsOf } from '../words.ts'
import type { Invocation } from './invocation.ts'
import type { ProcedureFlags } from './procedure-flags.ts'

/**
 * The input, checked, with what is missing asked for where somebody can be asked. Before it refuses, it asks the server
 * whether its contract is another one by now.
 * @throws UsageError naming each field
 */
export async function requireValid(
  { cli, procedure, flags, input = {} }: Invocation,
  known: ProcedureFlags,
): Promise<Readonly<Record<string, unknown>>> {
  let checked = input
  let issues = issuesOf(checked, procedure, flags.has('file'))
  if (issues.some(({ isMissing }) => isMissing) && cli.terminal.canAsk) {
    const { askFor } = await import('./ask.ts')
    checked = await askFor(checked, issues, known)
    issues = issuesOf(checked, procedure, flags.has('file'))
  }
  if (issues.length === 0) return checked
  const renewed = await (await cli.contract()).renew()
  const current = renewed?.procedures.find(({ path }) => path === procedure.path)
  if (current !== undefined) {
    issues = issuesOf(checked, current, flags.has('file'))
    if (issues.length === 0) return checked
  }
  const words = wordsOf(procedure.path).join(' ')
  throw new UsageError(
    `${words}: the input is not valid; nothing was sent.`,
    ...issues.map((issue) => lineOf(issue, known)),
    `plinth ${words} --help shows what it takes.`,
  )
}

function issuesOf(
  input: Readonly<Record<string, unknown>>,
  procedure: Procedure,
  hasFile: boolean,
): InputIssue[] {
  const whole = procedure.upload && hasFile ? { ...input, file: '' } : input
  return procedure.input === undefined ? [] : checkInput(whole, procedure.input)
}

function lineOf(
  { field, message, isMissing }: InputIssue,
  { fields, secrets, positional }: ProcedureFlags,
): string {
  if (secrets.some(({ path }) => path.join('.') === field))
    return isMissing
      ? `${field}: This is missing. It is asked for on a terminal; elsewhere send it with --json @file or --json -.`
      : `${field}: ${message}`
  const flag = fields.find(({ field: known }) => known.path.join('.') === field)
  if (flag === undefined) return `${field === 'file' ? '--file' : field}: ${message}`
  const name =
    isMissing && flag.field.flag === positional?.flag
      ? `<${flag.field.flag}> or --${flag.field.flag}`
      : `--${flag.field.flag}`
  return `${name}: ${message}`
}
