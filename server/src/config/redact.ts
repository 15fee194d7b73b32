/** What stands in the place of a secret. */
export const REDACTED = '[redacted]'

/** By name, so that a setting that is declared tomorrow is covered as well. */
const SECRET_NAME = /(SECRET|PASSWORD|TOKEN|KEY|HEADERS)(_PREVIOUS)?$/
/** To the last @: a password may hold any character, also ones that should have been escaped. */
const PASSWORD_IN_URL = /(:\/\/[^:/?#\s]*):.*@/gs
/** HTTP services take a lone user name for a token. */
const TOKEN_IN_URL = /(https?:\/\/)[^:/?#@\s]+@/g
const SECRET_PARAMETER = /([?&][\w.-]*(?:password|secret|token|key)[\w.-]*=)[^&#\s]*/gi

/** Whether what the variable holds is a secret as a whole. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** The value of a variable as people may see it: no secret, and no password inside an address. */
export function redacted(name: string, value: string): string {
  if (isSecretName(name)) return REDACTED
  return value
    .replaceAll(PASSWORD_IN_URL, `$1:${REDACTED}@`)
    .replaceAll(TOKEN_IN_URL, `$1${REDACTED}@`)
    .replaceAll(SECRET_PARAMETER, `$1${REDACTED}`)
}
