import type { Cli } from '../cli.ts'
import type { Procedure } from '../contract/contract.ts'
import { deprecationText } from '../contract/deprecation-text.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { buildInput } from '../flags/build-input.ts'
import { parseFlags } from '../flags/parse-flags.ts'
import { UsageError } from '../usage-error.ts'
import { printDryRun } from './dry-run.ts'
import type { Invocation } from './invocation.ts'
import { type ProcedureFlags, procedureFlags } from './procedure-flags.ts'
import { requireValid } from './require-valid.ts'

/**
 * Calls a procedure as the command line says: checks first, asks where somebody can be asked, then sends.
 * @throws UsageError, Failure, PlinthError
 */
export async function runProcedure(cli: Cli, cached: Procedure, args: readonly string[]): Promise<ExitCode> {
  const { procedure, known, flags, input: typed } = await readLine(cli, cached, args)
  const { deprecated } = procedure
  if (deprecated !== undefined) cli.say(deprecationText(deprecated))
  const input =
    procedure.input === undefined
      ? undefined
      : await requireValid({ cli, procedure, flags, input: typed }, known)
  const invocation: Invocation = { cli, procedure, flags, input }
  if (flags.has('dry-run')) return await printDryRun(invocation, known)
  if (procedure.destructive && !flags.has('yes')) {
    const { confirm } = await import('./confirm.ts')
    if (!(await confirm(invocation, known))) {
      cli.terminal.say('Nothing was done.')
      return exitCodes.interrupted
    }
  }
  return await send(invocation)
}

interface ReadLine extends Pick<Invocation, 'procedure' | 'flags' | 'input'> {
  readonly known: ProcedureFlags
}

/** The command line by the contract at hand and, where that knows no such flag or value, by the server's of now. */
async function readLine(cli: Cli, procedure: Procedure, args: readonly string[]): Promise<ReadLine> {
  try {
    return await readBy(procedure, cli, args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const renewed = await (await cli.contract()).renew()
    const current = renewed?.procedures.find(({ path }) => path === procedure.path)
    if (current === undefined) throw error
    return await readBy(current, cli, args)
  }
}

async function readBy(procedure: Procedure, { terminal }: Cli, args: readonly string[]): Promise<ReadLine> {
  const known = procedureFlags(procedure)
  const flags = parseFlags(args, known.all)
  const { fields, positional, secrets } = known
  const open = secrets.find(({ flag }) => flags.has(flag))
  if (open !== undefined) {
    throw new UsageError(
      `--${open.flag} is a secret, and others on this machine can see command lines.`,
      'Leave it out to be asked for it, or send it with --json @file or --json -.',
    )
  }
  return { procedure, known, flags, input: await buildInput({ flags, fields, positional, terminal }) }
}

async function send(invocation: Invocation): Promise<ExitCode> {
  const { procedure, flags } = invocation
  if (procedure.kind === 'subscription') return await (await import('./run-stream.ts')).runStream(invocation)
  if (procedure.upload) return await (await import('./run-upload.ts')).runUpload(invocation)
  if (flags.has('all')) return await (await import('./run-pages.ts')).runPages(invocation)
  if (procedure.jobResult !== undefined) return await (await import('./run-job.ts')).runJob(invocation)
  return await (await import('./run-call.ts')).runCall(invocation)
}
