/** A program of somebody who uses the client: what they write must compile, and their mistakes must not. */
export const clientConsumer = `
import {
  createClient, isPlinthError, localStorageTokens, memoryTokens, safe,
  type Client, type RouterInputs, type RouterOutputs, type Task, type TasksCreateInput, type Tokens, type TokenStorage,
} from '@plinth/client'

const own: TokenStorage = { get: async (): Promise<Tokens | null> => null, set: async () => {} }
export const clients: Client[] = [memoryTokens(), localStorageTokens('key'), own].map((tokens) =>
  createClient({ baseUrl: 'http://localhost:4000', tokens, timeoutMs: 5_000, retry: { attempts: 2 }, onSessionEnd: (error) => error.code }),
)
const client = createClient({ baseUrl: 'http://localhost:4000' })
const { user, expiresAt } = await client.auth.login.mutate({ email: 'a@b.test', password: 'x' })
user.fullName.toUpperCase() + expiresAt.slice(0, 10)

const input: TasksCreateInput = { projectId: 'x', title: 'y' }
const task: Task = await client.tasks.create.mutate(input, { idempotencyKey: 'k', signal: new AbortController().signal })
const status: 'todo' | 'doing' | 'done' = task.status
const page = await client.tasks.list.query({ projectId: 'x', status, sort: '-createdAt', cursor: undefined })
const rows: RouterOutputs['tasks']['list']['data'] = page.data
const asked: RouterInputs['tasks']['list'] = { projectId: 'x' }
console.log(rows.length, asked, page.pagination.nextCursor, page.pagination.total?.toFixed())

await client.auth.logout.mutate()
await client.users.me.query(undefined, { timeoutMs: 100 })
// @ts-expect-error an input is required
await client.tasks.list.query()
// @ts-expect-error there is no such field
await client.tasks.create.mutate({ projectId: 'x', titel: 'y' })
// @ts-expect-error there is no such status
await client.tasks.list.query({ projectId: 'x', status: 'open' })
// @ts-expect-error a query is not a mutation
client.tasks.list.mutate
// @ts-expect-error no any in the answers
const wrong: number = task.title
console.log(wrong)

const [error, updated] = await safe(client.tasks.update.mutate({ id: 'x', data: { title: 'z' }, version: task.version }))
if (error === null) console.log(updated.version.toFixed())
else if (error.reason === 'VERSION_CONFLICT') console.log(error.issues.map(({ field, message }) => field + message))
// @ts-expect-error not a reason this procedure can have
else if (error.reason === 'SLUG_TAKEN') console.log(error.traceId)
try {
  await client.projects.create.mutate({ name: 'n', slug: 's' })
} catch (thrown) {
  if (client.projects.create.isError(thrown) && thrown.reason === 'SLUG_TAKEN') console.log(thrown.code === 'CONFLICT')
  if (isPlinthError(thrown) && (thrown.code === 'NETWORK_ERROR' || thrown.retryable)) console.log(thrown.status?.toFixed())
}

const unsubscribe = client.tasks.onChange.subscribe(
  { projectId: 'x' },
  { onData: ({ id, data }) => console.log(id.trim(), data.task.title), onError: (failure) => console.log(failure.code), lastEventId: '3' },
)
unsubscribe()
for await (const { id, data } of client.tasks.onChange.subscribe({ projectId: 'x' })) console.log(id.trim(), data.task.status)
`

/** A program of somebody who brings tRPC's own client and TanStack Query. */
export const reactConsumer = `
import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { createTRPCContext, createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { QueryClient, useInfiniteQuery, useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter, RouterInputs, RouterOutputs } from '@plinth/client/router'

const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: 'http://localhost:4000/trpc' })] })
const task = await client.tasks.get.query({ id: 'x' })
task.title.toUpperCase()
await client.auth.logout.mutate()
// @ts-expect-error there is no such field
await client.tasks.create.mutate({ projectId: 'x', titel: 'y' })
client.tasks.onChange.subscribe({ projectId: 'x' }, { onData: (event) => console.log(event.id.trim(), event.data.task.title) })

export const given: inferRouterInputs<AppRouter>['tasks']['create'] = { projectId: 'x', title: 'y' } satisfies RouterInputs['tasks']['create']
export const got = (output: inferRouterOutputs<AppRouter>['tasks']['get']): RouterOutputs['tasks']['get'] => output

const queryClient = new QueryClient()
const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient })
export const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>()
export function useTasks(projectId: string) {
  const hooks = useTRPC()
  const list = useQuery(hooks.tasks.list.queryOptions({ projectId }, { select: (page) => page.data.length }))
  const one = useSuspenseQuery(hooks.tasks.get.queryOptions({ id: 'x' }))
  const pages = useInfiniteQuery(
    hooks.tasks.list.infiniteQueryOptions({ projectId }, { getNextPageParam: (last) => last.pagination.nextCursor ?? undefined }),
  )
  const create = useMutation(hooks.tasks.create.mutationOptions({ onError: (error) => error.data?.issues.map(({ field }) => field) }))
  create.mutate({ projectId, title: 'x' })
  const cached = queryClient.getQueryData(trpc.tasks.get.queryKey({ id: 'x' }))
  return [list.data?.toFixed(), one.data.title.trim(), pages.data?.pages[0]?.data[0]?.title, list.error?.data?.reason, cached?.title.trim()]
}
`
