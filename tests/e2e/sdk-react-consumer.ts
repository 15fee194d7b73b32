/** A program of somebody who uses the client with TanStack Query: what they write must compile, their mistakes must not. */
export const reactOptionsConsumer = `
import {
  dehydrate, HydrationBoundary, hydrate, keepPreviousData, QueryClient, skipToken,
  useInfiniteQuery, useIsMutating, useMutation, useMutationState, usePrefetchQuery, useQueries, useQuery, useQueryClient,
  useSuspenseInfiniteQuery, useSuspenseQueries, useSuspenseQuery, type InfiniteData,
} from '@tanstack/react-query'
import { createClient, type Task, type TasksListOutput, type TasksUpdateError, type TasksGetError } from '@plinth/client'
import {
  createQueryOptions, PlinthProvider, usePlinth, usePlinthClient, useSubscription, type PlinthOptions,
} from '@plinth/client/react'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void => undefined

const client = createClient({ baseUrl: 'http://localhost:4000' })
export const plinth: PlinthOptions = createQueryOptions(client, { keyPrefix: 'work' })
const queryClient = new QueryClient()
declare const projectId: string
declare const maybe: string | undefined

export function useReads() {
  const options = usePlinth()
  const plain = useQuery(options.tasks.list.queryOptions({ projectId, status: 'todo' }))
  same<typeof plain.data, TasksListOutput | undefined>()
  const task = useQuery(options.tasks.get.queryOptions({ id: 'x' }, { staleTime: 1_000, placeholderData: keepPreviousData, retry: 2, call: { timeoutMs: 500 } }))
  same<typeof task.error, TasksGetError | null>()
  if (task.isError && task.error.code === 'NOT_FOUND') console.log(task.error.traceId)
  // @ts-expect-error not a reason this procedure can have
  task.error?.reason === 'SLUG_TAKEN'
  const titles = useQuery(options.tasks.list.queryOptions({ projectId }, { select: (page) => page.data.map(({ title }) => title) }))
  same<typeof titles.data, string[] | undefined>()
  const me = useQuery(options.users.me.queryOptions())
  me.data?.fullName.trim()
  const meOptions = useQuery(options.users.me.queryOptions(undefined, { select: (user) => user.email.length }))
  same<typeof meOptions.data, number | undefined>()
  const skipped = useQuery(options.tasks.get.queryOptions(maybe === undefined ? skipToken : { id: maybe }))
  same<typeof skipped.data, Task | undefined>()
  const initial = useQuery(options.tasks.get.queryOptions({ id: 'x' }, { initialData: someTask }))
  same<typeof initial.data, Task>()
  const lazily = useQuery(options.tasks.get.queryOptions({ id: 'x' }, { initialData: () => someTask }))
  same<typeof lazily.data, Task>()
  const perhaps = useQuery(options.tasks.get.queryOptions({ id: 'x' }, { initialData: () => queryClient.getQueryData(options.tasks.get.queryKey({ id: 'x' })) }))
  same<typeof perhaps.data, Task | undefined>()
  const suspended = useSuspenseQuery(options.tasks.get.queryOptions({ id: 'x' }))
  same<typeof suspended.data, Task>()
  const selected = useSuspenseQuery(options.tasks.get.queryOptions({ id: 'x' }, { select: ({ version }) => version }))
  same<typeof selected.data, number>()
  // @ts-expect-error suspense cannot skip
  useSuspenseQuery(options.tasks.get.queryOptions(maybe === undefined ? skipToken : { id: maybe }))
  const spread = useQuery({ ...options.tasks.get.queryOptions({ id: 'x' }), enabled: maybe !== undefined, select: (one: Task) => one.title })
  same<typeof spread.data, string | undefined>()
  usePrefetchQuery(options.tasks.get.queryOptions({ id: 'x' }))
  const [first, second] = useQueries({ queries: [options.tasks.get.queryOptions({ id: 'x' }), options.tasks.list.queryOptions({ projectId }, { select: (page) => page.data.length })] })
  same<typeof first.data, Task | undefined>()
  same<typeof second.data, number | undefined>()
  const many = useSuspenseQueries({ queries: ['a', 'b'].map((id) => options.tasks.get.queryOptions({ id })) })
  same<(typeof many)[number]['data'], Task>()
  // @ts-expect-error an input is required
  options.tasks.get.queryOptions()
  // @ts-expect-error there is no such field
  options.tasks.list.queryOptions({ projectId, titel: 'x' })
  // @ts-expect-error there is no such status
  options.tasks.list.queryOptions({ projectId, status: 'open' })
  // @ts-expect-error the key is made from the input
  options.tasks.get.queryOptions({ id: 'x' }, { queryKey: ['mine'] })
  // @ts-expect-error a mutation is no query
  options.tasks.create.queryOptions
  return [plain, titles, me, meOptions]
}

declare const someTask: Task

export function usePages() {
  const options = usePlinth()
  const pages = useInfiniteQuery(options.tasks.list.infiniteQueryOptions({ projectId, limit: 50 }))
  same<typeof pages.data, InfiniteData<TasksListOutput, string | null> | undefined>()
  pages.data?.pages.flatMap(({ data }) => data.map(({ title }) => title))
  const flat = useInfiniteQuery(options.tasks.list.infiniteQueryOptions({ projectId }, { maxPages: 3, select: ({ pages }) => pages.flatMap(({ data }) => data) }))
  same<typeof flat.data, Task[] | undefined>()
  const suspended = useSuspenseInfiniteQuery(options.tasks.list.infiniteQueryOptions({ projectId }))
  suspended.data.pages[0]?.pagination.hasNext
  const skipped = useInfiniteQuery(options.tasks.list.infiniteQueryOptions(maybe === undefined ? skipToken : { projectId: maybe }))
  skipped.data?.pages.length.toFixed()
  const own = useInfiniteQuery(options.projects.list.infiniteQueryOptions({}, { initialPageParam: 'from', getNextPageParam: (last) => last.pagination.nextCursor }))
  own.data?.pageParams.map((param) => param?.trim())
  // @ts-expect-error which page it is, is not said here
  options.tasks.list.infiniteQueryOptions({ projectId, cursor: 'x' })
  // @ts-expect-error a task has no pages
  options.tasks.get.infiniteQueryOptions
  return [pages, flat]
}

export function useChanges() {
  const options = usePlinth()
  const cache = useQueryClient()
  const update = useMutation(options.tasks.update.mutationOptions({
    onMutate: async (change, context) => {
      const key = options.tasks.get.queryKey({ id: change.id })
      await context.client.cancelQueries({ queryKey: key })
      const before = context.client.getQueryData(key)
      context.client.setQueryData(key, (task) => task && { ...task, title: change.data.title ?? task.title })
      return { before }
    },
    onError: (error, change, result) => {
      if (error.reason === 'VERSION_CONFLICT') cache.setQueryData(options.tasks.get.queryKey({ id: change.id }), result?.before)
    },
    onSuccess: (task, _change, result) => [task.title.trim(), result.before?.title],
    onSettled: () => cache.invalidateQueries(options.tasks.pathFilter()),
    call: { timeoutMs: 5_000 },
  }))
  same<typeof update.error, TasksUpdateError | null>()
  update.mutate({ id: 'x', data: { title: 'y' }, version: 1 }, { onSuccess: (task) => task.version.toFixed() })
  // @ts-expect-error there is no such field
  update.mutate({ id: 'x', date: {} })
  useMutation({ ...options.tasks.create.mutationOptions(), onSuccess: (task) => console.log(task.title) })
  const logout = useMutation(options.auth.logout.mutationOptions())
  logout.mutate()
  const upload = useMutation(options.files.upload.mutationOptions({ call: { onUploadProgress: ({ sent, total }) => console.log(sent / total) } }))
  upload.mutate({ file: new File([], 'name.txt') })
  // @ts-expect-error a call without a file has no progress
  options.tasks.create.mutationOptions({ call: { onUploadProgress: () => undefined } })
  const report = useMutation(options.reports.generate.mutationOptions({ onSuccess: async (job) => (await job.result()).reportId.trim() }))
  report.mutate({ projectId })
  useIsMutating({ mutationKey: options.tasks.create.mutationKey() })
  useMutationState({ filters: { mutationKey: options.tasks.pathKey() } })
  // @ts-expect-error a query is no mutation
  options.tasks.list.mutationOptions
}

export function useEvents() {
  const options = usePlinth()
  const changes = useSubscription(options.tasks.onChange.subscriptionOptions({ projectId }, { onData: ({ id, data }) => console.log(id.trim(), data.task.title), lastEventId: '3' }))
  changes.data?.data.type.trim()
  if (changes.status === 'error') console.log(changes.error.code, changes.error.reason === 'RESUME_TOO_OLD')
  const { status, reset } = useSubscription(options.jobs.onProgress.subscriptionOptions(maybe === undefined ? skipToken : { id: maybe }, { enabled: true, onReconnecting: (error) => error?.code }))
  if (status !== 'idle') reset()
  // @ts-expect-error there is no such field
  options.tasks.onChange.subscriptionOptions({ project: projectId })
  // @ts-expect-error a stream is no query
  options.tasks.onChange.queryOptions
}

export async function outside() {
  const options = plinth.tasks.get.queryOptions({ id: 'x' })
  const fetched: Task = await queryClient.fetchQuery(options)
  await queryClient.prefetchQuery(options)
  const ensured: Task = await queryClient.ensureQueryData(options)
  await queryClient.prefetchInfiniteQuery(plinth.tasks.list.infiniteQueryOptions({ projectId }))
  const pages = await queryClient.fetchInfiniteQuery(plinth.tasks.list.infiniteQueryOptions({ projectId }))
  same<typeof pages, InfiniteData<TasksListOutput, string | null>>()
  const cached = queryClient.getQueryData(plinth.tasks.get.queryKey({ id: 'x' }))
  same<typeof cached, Task | undefined>()
  const byOptions = queryClient.getQueryData(options.queryKey)
  same<typeof byOptions, Task | undefined>()
  const cachedPages = queryClient.getQueryData(plinth.tasks.list.infiniteQueryKey({ projectId }))
  same<typeof cachedPages, InfiniteData<TasksListOutput, string | null> | undefined>()
  queryClient.setQueryData(plinth.tasks.get.queryKey({ id: 'x' }), (task) => (task === undefined ? undefined : { ...task, title: 'z' }))
  // @ts-expect-error not a task
  queryClient.setQueryData(plinth.tasks.get.queryKey({ id: 'x' }), { title: 1 })
  const state = queryClient.getQueryState(plinth.tasks.get.queryKey({ id: 'x' }))
  same<NonNullable<typeof state>['error'], TasksGetError | null>()
  await queryClient.invalidateQueries(plinth.tasks.list.queryFilter({ projectId }))
  await queryClient.invalidateQueries(plinth.tasks.list.infiniteQueryFilter({ projectId }, { type: 'active' }))
  await queryClient.invalidateQueries({ queryKey: plinth.tasks.pathKey() })
  await queryClient.cancelQueries(plinth.pathFilter())
  queryClient.removeQueries(plinth.projects.members.pathFilter({ stale: true }))
  for (const [, data] of queryClient.getQueriesData<TasksListOutput>(plinth.tasks.list.queryFilter())) data?.pagination.hasNext
  // @ts-expect-error a key’s input is the procedure’s
  plinth.tasks.get.queryKey({ ident: 'x' })
  const input: (typeof plinth.tasks.create)['~types']['input'] = { projectId, title: 'y' }
  const output: (typeof plinth.tasks.create)['~types']['output'] = ensured
  type Failure = (typeof plinth.tasks.create)['~types']['error']
  const failed = (error: Failure): string => error.code
  hydrate(queryClient, dehydrate(queryClient))
  return [fetched, input, output, failed]
}

export const tree = () => [PlinthProvider({ client, children: null }), usePlinthClient() === client, HydrationBoundary]
`
