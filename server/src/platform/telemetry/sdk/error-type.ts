/**
 * What kind of error was thrown, fit for a span or a metric: our code, an SQLSTATE, a system error's code, or the class.
 * Never the message, which may quote what a user sent.
 */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code)) return error.code
  return /^\w{1,60}$/.test(error.name) ? error.name : 'Error'
}
