const SYSTEM = ['user', 'admin', 'super_admin']
const MEMBERS = ['member:viewer', 'member:editor', 'member:owner']

/** Whether whoever could call with access `was` can with access `is`. */
export function admitsAll(was: string, is: string): boolean {
  if (was === is || is === 'public') return true
  if (was === 'public') return false
  if (is === 'user') return true
  if (SYSTEM.includes(was) && SYSTEM.includes(is)) return SYSTEM.indexOf(is) <= SYSTEM.indexOf(was)
  if (MEMBERS.includes(was) && MEMBERS.includes(is)) return MEMBERS.indexOf(is) <= MEMBERS.indexOf(was)
  // `self` is the user the input names, or an admin.
  return is === 'self' && (was === 'admin' || was === 'super_admin')
}

/** Whether keys that were enough are enough. A procedure that protected nothing took any key. */
export function keepsScope(was: string, is: string): boolean {
  return was === is || is === 'none' || was === 'session'
}
