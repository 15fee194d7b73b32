const LOGOUTS = new Set(['auth.logout', 'auth.logoutAll'])

/** Whether a call made with `token` ends the session when it succeeds: a logout, or the deletion of the caller. */
export function endsSession(path: string, input: unknown, token: string | undefined): boolean {
  if (LOGOUTS.has(path)) return true
  if (path !== 'users.delete' || token === undefined) return false
  const id = field(input, 'id')
  return id !== undefined && id === subjectOf(token)
}

/** Whom an access token is for; undefined when it is an API key or nothing we can read. */
function subjectOf(token: string): unknown {
  const payload = token.split('.')[1] ?? ''
  try {
    return field(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))), 'sub')
  } catch {
    return undefined
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
