import type { AppError } from '../../../contract/errors.ts'

const written = new WeakSet<AppError>()

/** Marks an error whose fields are named as the caller wrote them, and not as the procedure does. */
export function asWritten(error: AppError): AppError {
  written.add(error)
  return error
}

/** Whether {@link asWritten} marked it. */
export function isAsWritten(error: AppError): boolean {
  return written.has(error)
}
