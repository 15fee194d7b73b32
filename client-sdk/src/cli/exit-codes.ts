import type { PlinthError } from '../plinth-error.ts'

/** How the command ends. Scripts rely on these: never give one another meaning. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notLoggedIn: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  limited: 7,
  unavailable: 8,
  interrupted: 130,
  brokenPipe: 141,
} as const

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  BAD_REQUEST: exitCodes.usage,
  UNAUTHORIZED: exitCodes.notLoggedIn,
  FORBIDDEN: exitCodes.forbidden,
  NOT_FOUND: exitCodes.notFound,
  CONFLICT: exitCodes.conflict,
  PRECONDITION_FAILED: exitCodes.conflict,
  TOO_MANY_REQUESTS: exitCodes.limited,
  NETWORK_ERROR: exitCodes.unavailable,
  TIMEOUT: exitCodes.unavailable,
  BAD_GATEWAY: exitCodes.unavailable,
  BAD_RESPONSE: exitCodes.unavailable,
  SERVICE_UNAVAILABLE: exitCodes.unavailable,
  ABORTED: exitCodes.interrupted,
}

/** How a command ends whose call failed. What a newer server may say that is not known here is a plain failure. */
export function exitCodeOf({ code, reason }: Pick<PlinthError, 'code' | 'reason'>): ExitCode {
  if (reason === 'REAUTH_REQUIRED') return exitCodes.notLoggedIn
  return BY_CODE[code] ?? exitCodes.failed
}
