import { type Caller, PASSWORD } from '../population.ts'
import type { CallWork } from '../works.ts'
import { LIMIT, newTask, type Wire, type WireCall } from './wire.ts'

/** Speaks to the servers with paths and bodies of their own; they have no batches. */
export const restWire: Wire = {
  call: (work, caller) => calls[work](caller),
  create,
  changes: (projectId) => `/projects/${projectId}/events`,
  dataOf: (_work, body) => body,
}

const calls: Record<CallWork, (caller: Caller) => WireCall | undefined> = {
  list: ({ projectId }) => ({ path: `/projects/${projectId}/tasks?limit=${LIMIT}` }),
  get: ({ taskIds: [id] }) => ({ path: `/tasks/${id}` }),
  batch: () => undefined,
  cached: () => ({ path: '/users/me/stats' }),
  ping: () => ({ path: '/ping', anonymous: true }),
  login: ({ email }) => ({ path: '/login', json: { email, password: PASSWORD }, anonymous: true }),
  create: ({ writesTo }) => create(writesTo, 'Measured'),
}

function create(projectId: string, title: string): WireCall {
  return { path: `/projects/${projectId}/tasks`, json: newTask(title) }
}
