import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient, isPlinthError, PlinthError, safe } from '@plinth/client'
import type { AppRouter, RouterInputs, RouterOutputs } from '@plinth/client/router'
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client'
import { EventSource } from 'eventsource'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packSdk, run } from '../support/packed-sdk.ts'
import { openSite, type Site } from '../support/server-process.ts'

const ACCOUNT = { email: 'interop@example.com', password: 'three tin boats on the canal' }

let site: Site
let projectId: string
let headers: { authorization: string }

beforeAll(async () => {
  site = await openSite()
  const client = createClient({ baseUrl: site.baseUrl })
  const { accessToken } = await client.auth.register.mutate({ ...ACCOUNT, fullName: 'Inga' })
  headers = { authorization: `Bearer ${accessToken}` }
  const project = await client.projects.create.mutate({ name: 'Interop', slug: 'interop' })
  projectId = project.id
})

afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
})

describe('tRPC’s own client with AppRouter', () => {
  test('httpLink calls queries and mutations', async () => {
    const trpc = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${site.baseUrl}/trpc`, headers })] })
    const input: RouterInputs['tasks']['create'] = { projectId, title: 'By httpLink' }
    const task: RouterOutputs['tasks']['create'] = await trpc.tasks.create.mutate(input)
    expect(await trpc.tasks.get.query({ id: task.id })).toEqual(task)
  })

  test('httpBatchLink: many calls in one request', async () => {
    const trpc = createTRPCClient<AppRouter>({
      links: [httpBatchLink({ url: `${site.baseUrl}/trpc`, headers, maxItems: 10 })],
    })
    const [me, projects, tasks] = await Promise.all([
      trpc.users.me.query(),
      trpc.projects.list.query({}),
      trpc.tasks.list.query({ projectId }),
    ])
    expect(me.email).toBe(ACCOUNT.email)
    expect(projects.data.map(({ id }) => id)).toEqual([projectId])
    expect(tasks.pagination.hasNext).toBe(false)
  })

  test('httpBatchStreamLink: answers and a refusal in one stream', async () => {
    const trpc = createTRPCClient<AppRouter>({
      links: [httpBatchStreamLink({ url: `${site.baseUrl}/trpc`, headers, maxItems: 10 })],
    })
    const missing = trpc.projects.get.query({ id: '00000000-0000-7000-8000-000000000000' })
    const [me, project, refused] = await Promise.allSettled([
      trpc.users.me.query(),
      trpc.projects.get.query({ id: projectId }),
      missing,
    ])
    expect(me).toMatchObject({ value: { email: ACCOUNT.email } })
    expect(project).toMatchObject({ value: { slug: 'interop' } })
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { data: { code: 'NOT_FOUND', httpStatus: 404 } },
    })
  })

  test('httpSubscriptionLink: events with ids to resume from', async () => {
    const trpc = createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (op) => op.type === 'subscription',
          true: httpSubscriptionLink({
            url: `${site.baseUrl}/trpc`,
            EventSource,
            eventSourceOptions: () => ({
              fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
            }),
          }),
          false: httpLink({ url: `${site.baseUrl}/trpc`, headers }),
        }),
      ],
    })
    const project = await trpc.projects.create.mutate({ name: 'Stream', slug: 'stream' })
    for (const title of ['one', 'two', 'three'])
      await trpc.tasks.create.mutate({ projectId: project.id, title })
    const events = await new Promise<{ id: string; title: string }[]>((resolve, reject) => {
      const seen: { id: string; title: string }[] = []
      const subscription = trpc.tasks.onChange.subscribe(
        { projectId: project.id, lastEventId: '1' },
        {
          onData({ id, data }) {
            seen.push({ id, title: data.task.title })
            if (seen.length < 2) return
            subscription.unsubscribe()
            resolve(seen)
          },
          onError: reject,
        },
      )
    })
    expect(events).toEqual([
      { id: '2', title: 'two' },
      { id: '3', title: 'three' },
    ])
  })

  test('errors carry code, issues and trace id', async () => {
    const trpc = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${site.baseUrl}/trpc`, headers })] })
    const error: unknown = await trpc.tasks.create
      .mutate({ projectId, title: 'x'.repeat(301) })
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(TRPCClientError)
    expect(error).toMatchObject({
      data: {
        code: 'BAD_REQUEST',
        httpStatus: 400,
        issues: [{ field: 'title' }],
        traceId: expect.any(String),
      },
    })
  })
})

test('errors are recognised across two copies of the package', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plinth-copy-'))
  try {
    await packSdk(path.join(folder, 'client.tgz'))
    await run('tar', ['-xzf', 'client.tgz'], folder)
    const dependencies = path.join(import.meta.dirname, '../../client-sdk/node_modules')
    await symlink(dependencies, path.join(folder, 'package/node_modules'))
    const copy: typeof import('@plinth/client') = await import(
      pathToFileURL(path.join(folder, 'package/dist/index.js')).href
    )
    expect(copy.PlinthError).not.toBe(PlinthError)
    const [error] = await safe(copy.createClient({ baseUrl: site.baseUrl }).users.me.query())
    expect(error).not.toBeInstanceOf(PlinthError)
    expect(isPlinthError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
    const own: unknown = await createClient({ baseUrl: site.baseUrl })
      .users.me.query()
      .catch((thrown: unknown) => thrown)
    expect(copy.isPlinthError(own)).toBe(true)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
