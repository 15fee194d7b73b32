import type { Profiles } from './config/profiles.ts'
import type { Settings } from './config/settings.ts'
import type { ContractSource } from './contract/contract-source.ts'
import type { GlobalFlags, Output } from './flags/global-flags.ts'
import type { Connection } from './procedure/connect.ts'
import type { Terminal } from './terminal.ts'

/** What a command works with. What costs time is made when it is asked for. */
export interface Cli {
  readonly terminal: Terminal
  readonly flags: GlobalFlags
  readonly version: string
  readonly profiles: Profiles
  /** Messages that `--quiet` silences. */
  readonly say: (message: string) => void
  /** The way to print where none was asked for: a table for people, JSON for programs. */
  readonly output: Output
  settings(): Promise<Settings>
  contract(): Promise<ContractSource>
  /** The means to call procedures. */
  connect(): Promise<Connection>
}
