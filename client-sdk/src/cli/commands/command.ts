import type { Cli } from '../cli.ts'
import type { ExitCode } from '../exit-codes.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import type { ParsedFlags } from '../flags/parse-flags.ts'

/** A command that is not a procedure. What help and completion say of it. */
export interface Command {
  readonly name: string
  /** What it takes beside flags: `<shell>`. */
  readonly operands?: string
  readonly summary: string
  readonly description?: string
  readonly flags?: readonly FlagSpec[]
  readonly examples?: readonly string[]
  /** Left out of help. */
  readonly isHidden?: boolean
  /** Its arguments are not flags of ours. */
  readonly isRaw?: boolean
}

/** Runs a command. @throws UsageError, Failure, PlinthError */
export type CommandRun = (cli: Cli, call: CommandCall) => Promise<ExitCode>

/** How a command was called. */
export interface CommandCall {
  readonly flags: ParsedFlags
  /** All that came after its name. */
  readonly args: readonly string[]
}
