/** What the servers are measured at, in the order in which it is done: what writes comes last. */
export const WORKS = {
  list: '20 tasks of a project',
  get: 'a task by id',
  batch: 'ten tasks by id in one request, where the server has batches',
  cached: 'a user’s statistics, from a cache',
  ping: 'nothing',
  login: 'e-mail and password for a token',
  create: 'a task',
  event: 'one event to many subscribers',
} as const

/** One thing that servers are measured at. */
export type Work = keyof typeof WORKS
/** Those that are a request and its answer. */
export type CallWork = Exclude<Work, 'event'>

/** All works. */
export const workNames: readonly Work[] = [
  'list',
  'get',
  'batch',
  'cached',
  'ping',
  'login',
  'create',
  'event',
]
