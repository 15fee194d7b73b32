import { field } from '../../../support/http.ts'
import { type Caller, PASSWORD } from '../population.ts'
import type { CallWork } from '../works.ts'
import { LIMIT, newTask, type Wire, type WireCall } from './wire.ts'

/** Speaks tRPC. `ping` is the path of the procedure that does nothing, for everybody. */
export function trpcWire(ping: string): Wire {
  const calls: Record<CallWork, (caller: Caller) => WireCall> = {
    list: ({ projectId }) => query('tasks.list', { projectId, limit: LIMIT }),
    get: ({ taskIds: [id] }) => query('tasks.get', { id }),
    batch: ({ taskIds }) => batch(taskIds),
    cached: ({ id }) => query('users.stats', { id }),
    ping: () => ({ path: `/trpc/${ping}`, anonymous: true }),
    login: ({ email }) => ({
      path: '/trpc/auth.login',
      json: { email, password: PASSWORD },
      anonymous: true,
    }),
    create: ({ writesTo }) => create(writesTo, 'Measured'),
  }
  return {
    call: (work, caller) => calls[work](caller),
    create,
    changes: (projectId) => query('tasks.onChange', { projectId }).path,
    dataOf: (work, body) => (work === 'batch' && Array.isArray(body) ? body.map(dataOf) : dataOf(body)),
  }
}

function query(path: string, input: unknown): WireCall {
  return { path: `/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}` }
}

function batch(ids: readonly string[]): WireCall {
  const input = JSON.stringify({ ...ids.map((id) => ({ id })) })
  return { path: `/trpc/${ids.map(() => 'tasks.get').join(',')}?batch=1&input=${encodeURIComponent(input)}` }
}

function create(projectId: string, title: string): WireCall {
  return { path: '/trpc/tasks.create', json: { projectId, ...newTask(title) } }
}

function dataOf(body: unknown): unknown {
  return field(field(body, 'result'), 'data')
}
