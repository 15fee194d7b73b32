import { field } from '../../../support/http.ts'
import { type Caller, PASSWORD } from '../population.ts'
import type { CallWork } from '../works.ts'
import { LIMIT, newTask, type Wire, type WireCall } from './wire.ts'

/** Speaks oRPC's own protocol, as its RPCLink and BatchLinkPlugin do. */
export const orpcWire: Wire = {
  call: (work, caller) => calls[work](caller),
  create,
  changes: (projectId) =>
    `/rpc/tasks/onChange?data=${encodeURIComponent(JSON.stringify({ json: { projectId } }))}`,
  dataOf: (work, body) =>
    work === 'batch' && Array.isArray(body) ? body.toSorted(byIndex).map(ofItem) : field(body, 'json'),
}

const calls: Record<CallWork, (caller: Caller) => WireCall> = {
  list: ({ projectId }) => post('tasks/list', { projectId, limit: LIMIT }),
  get: ({ taskIds: [id] }) => post('tasks/get', { id }),
  batch: ({ taskIds }) => ({
    path: '/rpc/__batch__',
    headers: { 'x-orpc-batch': 'buffered' },
    json: taskIds.map((id) => ({ url: 'http://127.0.0.1/rpc/tasks/get', body: { json: { id } } })),
  }),
  cached: () => post('users/stats', undefined),
  ping: () => ({ ...post('ping', undefined), anonymous: true }),
  login: ({ email }) => ({ ...post('auth/login', { email, password: PASSWORD }), anonymous: true }),
  create: ({ writesTo }) => create(writesTo, 'Measured'),
}

function post(path: string, json: unknown): WireCall {
  return { path: `/rpc/${path}`, json: { json } }
}

function create(projectId: string, title: string): WireCall {
  return post('tasks/create', { projectId, ...newTask(title) })
}

function byIndex(one: unknown, other: unknown): number {
  return Number(field(one, 'index')) - Number(field(other, 'index'))
}

function ofItem(item: unknown): unknown {
  return field(field(item, 'body'), 'json')
}
