import type { PlinthError } from '../../plinth-error.ts'

/** What to do next about a failed call, one line each. */
export function adviceFor(error: PlinthError): string[] {
  const { code, reason, retryAfterMs, idempotencyKey } = error
  const advice: string[] = []
  if (reason === 'REAUTH_REQUIRED' || (code === 'UNAUTHORIZED' && reason === undefined))
    advice.push('Log in with: plinth login')
  if (reason === 'SESSION_REQUIRED') advice.push('Log in with a password instead of an API key: plinth login')
  if (reason === 'SCOPE_MISSING') advice.push('Use an API key that has the scope, or: plinth login')
  if (reason === 'VERSION_CONFLICT') advice.push('Get it again, and send the version you saw with --version.')
  if (reason === 'RESUME_TOO_OLD') advice.push('Read the list again, then watch without --last-event-id.')
  if (code === 'NETWORK_ERROR')
    advice.push('Is the server running? Name another one with --base-url or PLINTH_BASE_URL.')
  if (retryAfterMs !== undefined) advice.push(`Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`)
  if (idempotencyKey !== undefined && (code === 'NETWORK_ERROR' || code === 'TIMEOUT' || code === 'ABORTED'))
    advice.push(
      `It may have happened. Calling again with --idempotency-key ${idempotencyKey} cannot do it twice.`,
    )
  return advice
}
