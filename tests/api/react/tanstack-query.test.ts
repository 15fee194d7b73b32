import { type Client, createClient, memoryTokens, type Tokens } from '@plinth/client'
import { createQueryOptions, PlinthProvider, usePlinth } from '@plinth/client/react'
import {
  type DehydratedState,
  dehydrate,
  HydrationBoundary,
  hydrate,
  InfiniteQueryObserver,
  MutationObserver,
  QueryClient,
  QueryClientProvider,
  QueryObserver,
  skipToken,
  useQuery,
} from '@tanstack/react-query'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPerson } from '../../support/people.ts'
import { recordingFetch } from '../../support/recording-fetch.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

const TITLES = ['one', 'two', 'three', 'four', 'five']

let server: TestServer
let tokens: Tokens
let projectId: string

beforeAll(async () => {
  server = await startServer()
  const { token, refreshToken } = await addPerson(server)
  tokens = { accessToken: token, refreshToken, expiresAt: new Date(Date.now() + 600_000).toISOString() }
  const client = newClient()
  projectId = (await client.projects.create.mutate({ name: 'Pages', slug: 'pages' })).id
  await client.tasks.createMany.mutate({ projectId, tasks: TITLES.map((title) => ({ title })) })
})

afterAll(() => server?.[Symbol.asyncDispose]())

function newClient(fetch?: typeof globalThis.fetch): Client {
  return createClient({ baseUrl: server.baseUrl, tokens: memoryTokens(tokens), fetch })
}

/** A client whose requests are counted, its options and a cache. */
function setUp(settings?: { keyPrefix: string }) {
  const recording = recordingFetch()
  const client = newClient(recording.fetch)
  return { client, recording, plinth: createQueryOptions(client, settings), cache: new QueryClient() }
}

function Name() {
  const { data } = useQuery(usePlinth().users.me.queryOptions(undefined, { staleTime: Infinity }))
  return createElement('b', null, data?.email ?? 'nobody')
}

test('queries are read once, kept under their key and found by it', async () => {
  const { plinth, cache, recording } = setUp()
  const options = plinth.tasks.list.queryOptions({ projectId, sort: 'title' }, { staleTime: Infinity })
  const [first, again] = await Promise.all([cache.fetchQuery(options), cache.fetchQuery(options)])
  expect(first.data.map(({ title }) => title)).toEqual(['five', 'four', 'one', 'three', 'two'])
  expect(again).toBe(first)
  expect(cache.getQueryData(plinth.tasks.list.queryKey({ projectId, sort: 'title' }))).toBe(first)
  expect(recording.count('tasks.list')).toBe(1)
  expect(options.queryKey).toEqual([
    ['tasks', 'list'],
    { input: { projectId, sort: 'title' }, type: 'query' },
  ])
})

test('a filter finds by path, by procedure and by part of the input', async () => {
  const { plinth, cache } = setUp({ keyPrefix: 'work' })
  const key = plinth.tasks.list.queryKey({ projectId, status: 'todo' })
  cache.setQueryData(key, { data: [], pagination: { limit: 20, nextCursor: null, hasNext: false } })
  cache.setQueryData(plinth.tasks.list.infiniteQueryKey({ projectId }), { pages: [], pageParams: [] })
  const found = (filters: object) => cache.getQueryCache().findAll(filters).length
  expect(found(plinth.pathFilter())).toBe(2)
  expect(found(plinth.tasks.pathFilter())).toBe(2)
  expect(found(plinth.projects.pathFilter())).toBe(0)
  expect(found(plinth.tasks.list.queryFilter({ projectId }))).toBe(1)
  expect(found(plinth.tasks.list.queryFilter({ status: 'done' }))).toBe(0)
  expect(found(plinth.tasks.list.infiniteQueryFilter({ projectId }))).toBe(1)
  expect(found(plinth.tasks.list.pathFilter({ stale: false }))).toBe(2)
  expect(key[0]).toEqual(['work', 'tasks', 'list'])
})

test('pages follow each other by their cursor until the last', async () => {
  const { plinth, cache, recording } = setUp()
  const options = plinth.tasks.list.infiniteQueryOptions({ projectId, limit: 2, sort: 'createdAt' })
  const observer = new InfiniteQueryObserver(cache, options)
  const stop = observer.subscribe(() => undefined)
  let result = await observer.fetchNextPage()
  while (result.hasNextPage) result = await observer.fetchNextPage()
  stop()
  const titles = result.data?.pages.flatMap(({ data }) => data.map(({ title }) => title))
  expect(titles?.toSorted()).toEqual(TITLES.toSorted())
  expect(result.data?.pages.length).toBe(3)
  expect(result.data?.pageParams[0]).toBeNull()
  expect(recording.count('tasks.list')).toBe(3)
  // What was fetched as pages is not in the way of the list read once.
  expect(cache.getQueryData(plinth.tasks.list.queryKey({ projectId, limit: 2, sort: 'createdAt' }))).toBe(
    undefined,
  )
})

test('an error is the procedure’s own, and TanStack does not repeat what the client gave up', async () => {
  const { plinth, cache, recording } = setUp()
  const missing = plinth.tasks.get.queryOptions({ id: '00000000-0000-7000-8000-000000000000' })
  const observer = new QueryObserver(cache, missing)
  const stop = observer.subscribe(() => undefined)
  const { error } = await until('the query failed', () => {
    const result = observer.getCurrentResult()
    return result.isError ? result : undefined
  })
  stop()
  expect(error.code).toBe('NOT_FOUND')
  expect(recording.count('tasks.get')).toBe(1)
})

test('a query nobody waits for is aborted', async () => {
  const { plinth, cache } = setUp()
  const observer = new QueryObserver(cache, plinth.tasks.list.queryOptions({ projectId }))
  observer.subscribe(() => undefined)()
  const state = await until('it is idle again', () => {
    const now = cache.getQueryState(plinth.tasks.list.queryKey({ projectId }))
    return now?.fetchStatus === 'idle' ? now : undefined
  })
  expect(state).toMatchObject({ status: 'pending', error: null })
})

test('skipToken asks nothing', async () => {
  const { plinth, cache, recording } = setUp()
  const observer = new QueryObserver(cache, plinth.tasks.get.queryOptions(skipToken))
  const stop = observer.subscribe(() => undefined)
  expect(observer.getCurrentResult().fetchStatus).toBe('idle')
  stop()
  expect(recording.requests).toEqual([])
})

test('a mutation changes the cache before the server, and back when it is refused', async () => {
  const { plinth, cache, client } = setUp()
  const task = await client.tasks.create.mutate({ projectId, title: 'Before' })
  const key = plinth.tasks.get.queryKey({ id: task.id })
  await cache.fetchQuery(plinth.tasks.get.queryOptions({ id: task.id }))
  const shown: (string | undefined)[] = []
  const update = new MutationObserver(
    cache,
    plinth.tasks.update.mutationOptions({
      onMutate: ({ data }, context) => {
        const before = context.client.getQueryData(key)
        context.client.setQueryData(key, (old) => old && { ...old, title: data.title ?? old.title })
        shown.push(context.client.getQueryData(key)?.title)
        return { before }
      },
      onError: (_error, _change, result, context) => {
        context.client.setQueryData(key, result?.before)
      },
    }),
  )
  await update.mutate({ id: task.id, data: { title: 'After' }, version: 1 })
  await expect(update.mutate({ id: task.id, data: { title: 'Late' }, version: 1 })).rejects.toMatchObject({
    reason: 'VERSION_CONFLICT',
  })
  shown.push(cache.getQueryData(key)?.title)
  expect(shown).toEqual(['After', 'Late', 'After'])
  await client.tasks.delete.mutate({ id: task.id })
})

test('a mutation that TanStack tries again happens once', async () => {
  let lost = 0
  const client = newClient(async (input, init) => {
    const response = await globalThis.fetch(input, init)
    if (!String(input).includes('tasks.create') || lost === 2) return response
    lost += 1
    throw new TypeError('the answer was lost')
  })
  const plinth = createQueryOptions(client)
  const cache = new QueryClient()
  const create = () =>
    new MutationObserver(
      cache,
      plinth.tasks.create.mutationOptions({ retry: 3, retryDelay: 0, call: { retry: false } }),
    )
  const input = { projectId, title: 'Happens once' }
  const answers = await Promise.all([create().mutate(input), create().mutate(input)])
  expect(lost).toBe(2)
  const { data } = await client.tasks.list.query({ projectId, search: 'Happens once' })
  expect(data.map(({ id }) => id).toSorted()).toEqual(answers.map(({ id }) => id).toSorted())
  for (const { id } of data) await client.tasks.delete.mutate({ id })
})

test('a job’s data is its handle', async () => {
  const { plinth, cache } = setUp()
  const report = new MutationObserver(cache, plinth.reports.generate.mutationOptions())
  const job = await report.mutate({ projectId })
  expect(typeof job.result).toBe('function')
  await job.cancel()
})

test('what a server read is rendered, sent as JSON, and not asked again in the browser', async () => {
  const atServer = setUp()
  const options = atServer.plinth.users.me.queryOptions(undefined, { staleTime: Infinity })
  const me = await atServer.cache.fetchQuery(options)
  const sent: DehydratedState = JSON.parse(JSON.stringify(dehydrate(atServer.cache)))

  const inBrowser = setUp()
  const page = createElement(
    QueryClientProvider,
    { client: inBrowser.cache },
    createElement(
      PlinthProvider,
      { client: inBrowser.client },
      createElement(HydrationBoundary, { state: sent }, createElement(Name)),
    ),
  )
  expect(renderToString(page)).toBe(`<b>${me.email}</b>`)
  const cache = new QueryClient()
  hydrate(cache, sent)
  expect(
    await cache.fetchQuery(inBrowser.plinth.users.me.queryOptions(undefined, { staleTime: Infinity })),
  ).toEqual(me)
  expect(inBrowser.recording.requests).toEqual([])
})

test('mistakes are told', () => {
  const { plinth } = setUp()
  expect(() => plinth.tasks.get['~types']).toThrow('for the compiler')
  const page = createElement(QueryClientProvider, { client: new QueryClient() }, createElement(Name))
  expect(() => renderToString(page)).toThrow('PlinthProvider')
})
