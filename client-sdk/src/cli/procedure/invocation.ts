import type { Cli } from '../cli.ts'
import type { Procedure } from '../contract/contract.ts'
import type { ParsedFlags } from '../flags/parse-flags.ts'

/** A procedure about to be called. */
export interface Invocation {
  readonly cli: Cli
  readonly procedure: Procedure
  readonly flags: ParsedFlags
  readonly input: Readonly<Record<string, unknown>> | undefined
}
