import { isPlinthError } from './plinth-error.ts'
import type { Call } from './procedures.ts'

/**
 * Waits for a call and gives back `[error, undefined]` or `[null, answer]` instead of throwing, with the error typed
 * as this procedure's. What is not a {@link PlinthError} is a mistake in the program and still thrown.
 */
export async function safe<Output, Failure>(
  call: Call<Output, Failure>,
): Promise<readonly [error: Failure, data: undefined] | readonly [error: null, data: Output]> {
  try {
    return [null, await call]
  } catch (error) {
    if (isFailureOf(call, error)) return [error, undefined]
    throw error
  }
}

function isFailureOf<Failure>(_call: Call<unknown, Failure>, error: unknown): error is Failure {
  return isPlinthError(error)
}
