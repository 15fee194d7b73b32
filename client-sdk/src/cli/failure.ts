import type { ExitCode } from './exit-codes.ts'

/** Something the command cannot do, with what to do about it; neither the command line's fault nor a failed call. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode
  readonly hints: readonly string[]

  constructor(exitCode: ExitCode, message: string, ...hints: readonly string[]) {
    super(message)
    this.exitCode = exitCode
    this.hints = hints
  }
}
