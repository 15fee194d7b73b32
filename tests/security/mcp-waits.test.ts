import { expect, test } from 'vitest'
import { type Answer, field, mutate } from '../support/http.ts'
import { postMcp, request, toolCall } from '../support/mcp.ts'
import { addPerson, textOf } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'

function resultOf(answer: Answer): unknown {
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
  return field(answer.body, 'result')
}

const wait = toolCall('wait_for_events', { name: 'notifications.onNew', waitSeconds: 30 })

/** Waits that have begun. */
async function waiting(server: TestServer, token: string, count: number): Promise<Promise<Answer>[]> {
  const waits = Array.from({ length: count }, () => postMcp(server, wait, { token }))
  const { streamSlots } = server.app.runtime
  await until('the waits to begin', () => (streamSlots.open() === count ? true : undefined))
  return waits
}

test('waits hold no place of those who work, and are answered when the server stops', async () => {
  const server = await startServer({ variables: { MAX_RUNNING_CALLS: '4' } })
  let stopped = false
  const stop = async (): Promise<void> => {
    if (!stopped) await server[Symbol.asyncDispose]()
    stopped = true
  }
  try {
    const { token } = await addPerson(server, 'waiter')
    const waits = await waiting(server, token, 4)
    resultOf(await postMcp(server, toolCall('users_me'), { token }))
    resultOf(await postMcp(server, toolCall('projects_list'), { token }))
    const [answers] = await Promise.all([Promise.all(waits), stop()])
    for (const answer of answers) {
      expect(resultOf(answer)).toMatchObject({ structuredContent: { events: [], ended: false } })
    }
  } finally {
    await stop()
  }
}, 30_000)

test('a message is counted once, whatever comes of it', async () => {
  await using server = await startServer()
  const { token } = await addPerson(server, 'counter')
  const made = await mutate(server.baseUrl, 'projects.create', { name: 'P', slug: 'p' }, { token })
  const uri = `plinth://projects/${textOf(made, 'id')}`
  const { runtime } = server.app
  const { limiter } = runtime
  let full = false
  let counted: string[] = []
  Object.assign(runtime, {
    limiter: {
      ...limiter,
      async take(name: string) {
        counted.push(name)
        return { allowed: !full, limit: 1, remaining: full ? 0 : 1, resetMs: 2_000 }
      },
    } satisfies Partial<typeof limiter>,
  })
  const call = (name: string, args: unknown) => ({
    ...request('tools/call', { name, arguments: args }),
  })
  const otherName = { 'mcp-name': 'users_me' }
  const cases: readonly [string, unknown, Record<string, string>?][] = [
    ['read', request('tools/list')],
    ['read', request('resources/read', { uri })],
    ['read', request('resources/read', { uri: 'plinth://nothing/1' })],
    ['read', request('resources/list')],
    ['read', toolCall('projects_list')],
    ['read', toolCall('projects_explode')],
    ['read', toolCall('search_procedures', { query: 'task' })],
    ['read', toolCall('search_procedures', { query: 7 })],
    ['read', toolCall('call_procedure', { name: 'nothing' })],
    ['read', toolCall('call_procedure', { name: 'projects_list' })],
    ['read', toolCall('wait_for_events', { name: 'notifications.onNew', waitSeconds: 1_000 })],
    ['stream', toolCall('wait_for_events', { name: 'notifications.onNew', waitSeconds: 1 })],
    ['read', call('projects_list', 'text')],
    ['read', toolCall('projects_list'), otherName],
    ['write', toolCall('projects_create', {})],
  ]
  for (const [limit, message, headers = {}] of cases) {
    counted = []
    await postMcp(server, message, { token, headers })
    expect([JSON.stringify(message), counted]).toEqual([JSON.stringify(message), [limit]])
  }
  full = true
  for (const [message, headers] of [
    [request('tools/list'), {}],
    [call('projects_list', 'text'), {}],
    [toolCall('projects_list'), otherName],
    [toolCall('call_procedure', { name: 'nothing' }), {}],
  ] as const) {
    const answer = await postMcp(server, message, { token, headers })
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(answer.body).toMatchObject({ id: 1, error: { data: { code: 'TOO_MANY_REQUESTS' } } })
  }
}, 30_000)
