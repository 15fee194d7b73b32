import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate, query, send } from '../../support/http.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { addPerson, type LogIn, PASSWORD, type Person, textOf } from '../../support/people.ts'
import { until } from '../../support/until.ts'
import { type ObservedServer, startObserved } from './observed-server.ts'

let collector: OtlpReceiver
let server: ObservedServer
let person: Person & LogIn
let projectId: string

beforeAll(async () => {
  collector = await startOtlpReceiver()
  server = await startObserved(collector.endpoint, {
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=a%20key',
    OTEL_SERVICE_NAME: 'orders',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
  })
  person = await addPerson(server)
  const made = await mutate(server.baseUrl, 'projects.create', { name: 'Seen', slug: 'seen' }, person)
  projectId = textOf(expectOk(made), 'id')
}, 120_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
const traced = (traceId: string, spanId = hex(8), flags = '01') => ({
  ...person,
  headers: { traceparent: `00-${traceId}-${spanId}-${flags}` },
})

test('a call goes on with the caller’s trace, and its statements are its children', async () => {
  const [traceId, parent] = [hex(16), hex(8)]
  const title = 'A title nobody else may read'
  const answer = await mutate(
    server.baseUrl,
    'tasks.createMany',
    { projectId, tasks: [{ title, description: "it's 1234 secret" }] },
    traced(traceId, parent),
  )
  expectOk(answer)
  expect(answer.headers.get('x-request-id')).toBe(traceId)

  const call = await collector.span('the call', (span) => span.traceId === traceId && span.kind === 'server')
  expect(call).toMatchObject({ name: 'tasks.createMany', parentSpanId: parent, failed: false })
  expect(call.attributes).toMatchObject({
    'rpc.system.name': 'trpc',
    'rpc.method': 'tasks.createMany',
    'rpc.response.status_code': 'OK',
    'plinth.procedure.kind': 'mutation',
    'plinth.surface': 'trpc',
    'user.id': person.id,
  })
  const statements = collector.childrenOf(call)
  const names = statements.map(({ name }) => name)
  expect(names[0]).toBe('BEGIN')
  expect(names).toContain('INSERT tasks')
  expect(names).toContain('INSERT audit_events')
  expect(names.at(-1)).toBe('COMMIT')
  // BEGIN and tasks leave together, audit_events and COMMIT too.
  expect([statements.length, call.attributes['plinth.round_trips']]).toEqual([4, 2])
  for (const statement of statements) {
    expect(statement.kind).toBe('client')
    expect(statement.attributes['db.system.name']).toBe('postgresql')
    expect(statement.startNs).toBeGreaterThanOrEqual(call.startNs)
    expect(statement.endNs).toBeLessThanOrEqual(call.endNs)
  }
})

test('a change of one statement has a span of what it changes, and waits once', async () => {
  const traceId = hex(16)
  const input = { projectId, title: 'A title nobody else may read' }
  expectOk(await mutate(server.baseUrl, 'tasks.create', input, traced(traceId, hex(8))))
  const call = await collector.span('the call', (span) => span.traceId === traceId && span.kind === 'server')
  expect(collector.childrenOf(call).map(({ name }) => name)).toEqual(['INSERT tasks'])
  expect(call.attributes['plinth.round_trips']).toBe(1)
})

test('a call without a trace begins the one its answer names', async () => {
  const answer = await query(server.baseUrl, 'tasks.list', { projectId }, person)
  const traceId = answer.headers.get('x-request-id') ?? ''
  const call = await collector.span('the call', (span) => span.traceId === traceId && span.kind === 'server')
  expect(call).toMatchObject({ name: 'tasks.list', parentSpanId: '' })
})

test('a caller’s own request id always leads to the same trace', async () => {
  const options = { ...person, headers: { 'x-request-id': 'order.42' } }
  await query(server.baseUrl, 'users.me', undefined, options)
  await query(server.baseUrl, 'users.me', undefined, options)
  const mine = () => collector.spans.filter(({ name }) => name === 'users.me')
  const [first, second] = await until('both spans', () => (mine().length >= 2 ? mine() : undefined))
  expect(second?.traceId).toBe(first?.traceId)
})

test('a batch has a span for each call, with its own outcome and its own statements', async () => {
  const traceId = hex(16)
  const input = encodeURIComponent(
    JSON.stringify({ 0: { projectId }, 1: { id: '0197a5a0-0000-7000-8000-000000000000' } }),
  )
  const answer = await send(`${server.baseUrl}/trpc/tasks.list,tasks.get?batch=1&input=${input}`, {
    headers: { authorization: `Bearer ${person.token}`, ...traced(traceId).headers },
  })
  expect(answer.status).toBe(207)
  const named = (name: string) =>
    collector.span(name, (span) => span.traceId === traceId && span.name === name)
  const [list, get] = [await named('tasks.list'), await named('tasks.get')]
  expect(list.attributes['rpc.response.status_code']).toBe('OK')
  expect(get.attributes).toMatchObject({
    'rpc.response.status_code': 'NOT_FOUND',
    'error.type': 'NOT_FOUND',
  })
  expect(get.failed).toBe(false)
  expect(get.parentSpanId).toBe(list.parentSpanId)
  expect(collector.childrenOf(list).length).toBeGreaterThan(0)
  expect(collector.childrenOf(get).length).toBeGreaterThan(0)
})

test('our failure marks the call and the statement, by code and without a message', async () => {
  const traceId = hex(16)
  await server.database.pool.query('ALTER TABLE tasks RENAME TO tasks_away')
  const answer = await query(server.baseUrl, 'tasks.list', { projectId }, traced(traceId))
  await server.database.pool.query('ALTER TABLE tasks_away RENAME TO tasks')
  expect(answer.status).toBe(500)
  const call = await collector.span('the call', (span) => span.traceId === traceId && span.kind === 'server')
  expect(call.failed).toBe(true)
  expect(call.attributes['error.type']).toBe('INTERNAL_SERVER_ERROR')
  const broken = collector.childrenOf(call).find(({ failed }) => failed)
  expect(broken?.attributes['error.type']).toBe('42P01')
})

test('a trace that its caller does not keep is not sent', async () => {
  const [unsampled, sampled] = [hex(16), hex(16)]
  expectOk(await query(server.baseUrl, 'tasks.list', { projectId }, traced(unsampled, hex(8), '00')))
  expectOk(await query(server.baseUrl, 'tasks.list', { projectId }, traced(sampled)))
  await collector.span('the sampled call', (span) => span.traceId === sampled && span.kind === 'server')
  expect(collector.spans.filter((span) => span.traceId === unsampled)).toEqual([])
})

test('the collector is told who sends, with the headers it wants', () => {
  expect(collector.headers()['x-collector-key']).toBe('a key')
  expect(collector.resource()).toMatchObject({
    'service.name': 'orders',
    'deployment.environment.name': 'staging',
  })
})

test('nothing secret or personal is in anything that was sent', async () => {
  await mutate(server.baseUrl, 'auth.login', { email: person.email, password: `${PASSWORD}!` })
  await until('the log-in’s span', () => collector.spans.find(({ name }) => name === 'auth.login'))
  const sent = collector.text()
  expect(sent.length).toBeGreaterThan(10_000)
  const secrets = [
    PASSWORD,
    person.token,
    person.refreshToken,
    person.email,
    'nobody else may read',
    '1234 secret',
  ]
  expect(secrets.filter((secret) => sent.includes(secret))).toEqual([])
  expect(sent).not.toMatch(/eyJ[\w-]{20}|\$2b\$|postgres(ql)?:\/\//)
})
