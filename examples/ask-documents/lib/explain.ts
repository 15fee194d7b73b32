import { isPlinthError, type PlinthError } from '@plinth/client'
import { UsageError } from './usage-error.ts'

/** What went wrong and what to do next, in words for the person at the keyboard. */
export function explain(error: unknown): string {
  if (error instanceof UsageError) return error.message
  if (!isPlinthError(error)) return error instanceof Error ? error.message : String(error)
  const issues = error.issues.map(({ field, message }) => `  ${field}: ${message}`)
  const trace = error.traceId === undefined ? [] : [`Trace ${error.traceId}, for whoever runs the server.`]
  return [
    `${error.path ?? 'The call'}: ${error.message} (${error.code})`,
    ...issues,
    nextStep(error),
    ...trace,
  ].join('\n')
}

function nextStep(error: PlinthError): string {
  if (error.code === 'NOT_FOUND' && error.path?.startsWith('auth.') === true) {
    return 'Say where the server is with --base-url, without a path behind the port.'
  }
  switch (error.code) {
    case 'NETWORK_ERROR':
    case 'TIMEOUT':
    case 'SERVICE_UNAVAILABLE':
      return 'Is the server running? Start it with npm start, or say where it is with --base-url. Then start again: documents that are there already are left as they are.'
    case 'BAD_RESPONSE':
      return 'Something else answers at this address. Say where the server is with --base-url.'
    case 'UNAUTHORIZED':
      return 'Check --email and --password.'
    case 'CONFLICT':
      return 'If the account is yours, check --password.'
    case 'TOO_MANY_REQUESTS':
      return 'Wait a moment and start again: documents that are there already are left as they are.'
    case 'NOT_FOUND':
    case 'FORBIDDEN':
      return 'You need to be an editor of the project. Choose another with --project.'
    default:
      return 'Start again when it is put right: documents that are there already are left as they are.'
  }
}
