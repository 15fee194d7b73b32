/** Programs of people who generate a client from the document: what they write must compile, and their mistakes must not. */

/** What both do: log in, create, list, and meet a 404. They print what came. */
const start = `
const [, , baseUrl = '', email = '', password = ''] = process.argv
const missing = '00000000-0000-4000-8000-000000000000'
`

/** With types of `openapi-typescript`, called by `openapi-fetch`. */
export const fetchConsumer = `
import createClient from 'openapi-fetch'
import type { components, paths } from './schema.js'
${start}
const client = createClient<paths>({ baseUrl: baseUrl + '/api/v1' })
const login = await client.POST('/auth/login', { body: { email, password } })
if (login.data === undefined) throw new Error(login.error.detail)
client.use({
  onRequest: ({ request }) => request.headers.set('authorization', 'Bearer ' + login.data.accessToken),
})
const project = await client.POST('/projects', { body: { name: 'One', slug: 'one-' + Date.now() } })
if (project.data === undefined) throw new Error(project.error.detail)
const role: 'viewer' | 'editor' | 'owner' | null = project.data.role
const path = { projectId: project.data.id }
const task = await client.POST('/projects/{projectId}/tasks', {
  params: { path, header: { 'Idempotency-Key': 'once-' + path.projectId } },
  body: { title: 'First', priority: 2 },
})
if (task.data === undefined) throw new Error(task.error.detail)
const made: components['schemas']['Task'] = task.data
const list = await client.GET('/projects/{projectId}/tasks', { params: { path, query: { limit: 5, sort: '-priority' } } })
const titles: string[] = (list.data?.data ?? []).map(({ title }) => title)
const stale = await client.PATCH('/tasks/{id}', {
  params: { path: { id: made.id }, header: { 'If-Match': '"7"' } },
  body: { title: 'Second' },
})
const gone = await client.GET('/tasks/{id}', { params: { path: { id: missing } } })
if (gone.error === undefined) throw new Error('found')
const code: components['schemas']['ErrorCode'] = gone.error.code
console.log(JSON.stringify({ role, titles, code, status: gone.response.status, stale: stale.error?.reason }))

// @ts-expect-error a title is required
await client.POST('/projects/{projectId}/tasks', { params: { path }, body: { priority: 2 } }).catch(() => {})
// @ts-expect-error there is no such status
await client.GET('/projects/{projectId}/tasks', { params: { path, query: { status: 'open' } } }).catch(() => {})
`

/** With a client of \`@hey-api/openapi-ts\`. */
export const heyConsumer = `
import { createClient } from './hey/client/index.js'
import * as api from './hey/index.js'
${start}
const anonymous = createClient({ baseUrl: baseUrl + '/api/v1' })
const login = await api.authLogin({ client: anonymous, body: { email, password } })
if (login.data === undefined) throw new Error('not logged in')
const { accessToken } = login.data
const client = createClient({ baseUrl: baseUrl + '/api/v1', auth: () => accessToken })
const project = await api.projectsCreate({ client, body: { name: 'One', slug: 'hey-' + Date.now() } })
if (project.data === undefined) throw new Error('no project')
const role: 'viewer' | 'editor' | 'owner' | null = project.data.role
const path = { projectId: project.data.id }
const task = await api.tasksCreate({ client, path, body: { title: 'First', priority: 2 } })
const made: api.Task | undefined = task.data
const list = await api.tasksList({ client, path, query: { limit: 5, sort: '-priority' } })
const titles: string[] = (list.data?.data ?? []).map(({ title }) => title)
const stale = await api.tasksUpdate({
  client,
  path: { id: made?.id ?? missing },
  headers: { 'If-Match': '"7"' },
  body: { title: 'Second' },
})
const left = new AbortController()
const { stream } = await api.tasksOnChange({ client, path, headers: { 'Last-Event-ID': '0' }, signal: left.signal })
let change: api.TaskChange['type'] | undefined
for await (const event of stream) {
  change = event.type
  break
}
left.abort()
const gone = await api.tasksGet({ client, path: { id: missing } })
if (gone.error === undefined) throw new Error('found')
const code: api.ErrorCode = gone.error.code
const file = await api.filesUpload({ client, body: { file: new File(['text'], 'notes.txt'), projectId: path.projectId } })
console.log(
  JSON.stringify({ role, titles, code, status: gone.response?.status, stale: stale.error?.reason, file: file.data?.name, change }),
)

// @ts-expect-error a title is required
await api.tasksCreate({ client, path, body: { priority: 2 } }).catch(() => {})
// @ts-expect-error there is no such status
await api.tasksList({ client, path, query: { status: 'open' } }).catch(() => {})
`
