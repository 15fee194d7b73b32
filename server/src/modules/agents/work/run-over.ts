import { AppError } from '../../../contract/errors.ts'

/** Why a run ends as failed. */
export class RunOver extends Error {
  override readonly name = 'RunOver'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The credential that began the run holds no more. */
export function credentialEnded(): RunOver {
  return new RunOver(
    'CREDENTIAL_ENDED',
    'The user was suspended, changed the password, or ended the key or session that began the run.',
  )
}

/** The run has worked as long as it may. */
export function timeIsUp(maxSeconds: number): RunOver {
  return new RunOver('TIME_LIMIT', `It did not finish within ${maxSeconds} seconds of work.`)
}

/** What an error of the catalogue ends a run with; undefined for anything else, which is tried again. */
export function runOverOf(error: unknown): RunOver | undefined {
  if (error instanceof RunOver) return error
  if (!(error instanceof AppError) || error.code === 'INTERNAL_SERVER_ERROR') return undefined
  return new RunOver(error.reason ?? error.code, error.message)
}
