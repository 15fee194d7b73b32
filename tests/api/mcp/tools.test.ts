import type { CallToolResult } from '@modelcontextprotocol/client'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registryOf } from '../../../server/src/contract/registry.ts'
import { describeTool } from '../../../server/src/surfaces/tools/describe-tool.ts'
import { field } from '../../support/http.ts'
import { connectMcp, eras } from '../../support/mcp.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** What a tool answered as data. */
function data(result: unknown): unknown {
  return field(result, 'structuredContent')
}

function metaOf(result: CallToolResult, name: string): unknown {
  return field(result._meta, `plinth/${name}`)
}

describe.each(eras)('a client of %s', (era) => {
  const connect = (name: 'editor' | 'owner' | 'viewer' = 'editor') =>
    connectMcp(world.server, world.principals[name].token, { era })

  it('is given the tools that are listed, the three for all others, and what to know before', async () => {
    await using client = await connect()
    expect(client.getNegotiatedProtocolVersion()).toBe(era)
    expect(client.getServerVersion()).toMatchObject({ name: 'plinth', title: 'Plinth' })
    expect(client.getInstructions()).toContain('search_procedures')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).join(' ')).toMatchInlineSnapshot(
      `"chat_send chat_threads_create documents_get documents_list documents_upload files_get files_link files_list files_upload jobs_get knowledgeBases_create knowledgeBases_list knowledgeBases_search models_list notifications_list projects_create projects_get projects_list projects_members_list projects_update reports_generate reports_get tasks_create tasks_createMany tasks_delete tasks_get tasks_list tasks_update usage_mine users_me search_procedures call_procedure wait_for_events"`,
    )
  })

  it('calls a tool and gets data that is as the output schema says, which the client checks', async () => {
    await using client = await connect()
    // The client checks answers against the schemas it was told.
    await client.listTools()
    const { projectId } = world.alpha
    const made = await client.callTool({
      name: 'tasks_create',
      arguments: { projectId, title: 'By a model' },
    })
    expect(data(made)).toMatchObject({ projectId, title: 'By a model', version: 1 })
    expect(JSON.parse(textOf(made))).toEqual(data(made))
    expect(metaOf(made, 'traceId')).toMatch(/^[\da-f]{32}$/)
    const listed = await client.callTool({ name: 'tasks_list', arguments: { projectId, limit: 1 } })
    expect(data(listed)).toMatchObject({ data: [{ title: 'By a model' }], pagination: { hasNext: true } })
    const me = await client.callTool({ name: 'users_me' })
    expect(data(me)).toMatchObject({ id: world.principals.editor.id })
  })

  it('is told in words and data why a call failed, and what to do next', async () => {
    await using client = await connect()
    await client.listTools()
    const wrong = await client.callTool({ name: 'tasks_list', arguments: { projectId: 'mine', limit: 0 } })
    expect(wrong.isError).toBe(true)
    expect(textOf(wrong).replace(/[\da-f]{32}/, '<id>')).toMatchInlineSnapshot(`
      "BAD_REQUEST: Not valid: projectId, limit.
      - projectId: Give a UUID.
      - limit: Too small: expected number to be >=1
      What to do: Correct the fields named below by the input schema, and call again.
      Trace id: <id>"
    `)
    expect(metaOf(wrong, 'error')).toMatchObject({
      code: 'BAD_REQUEST',
      issues: [{ field: 'projectId' }, {}],
    })
    const { taskId } = world.alpha
    const stale = await client.callTool({
      name: 'tasks_update',
      arguments: { id: taskId, data: { priority: 1 }, version: 77 },
    })
    expect(metaOf(stale, 'error')).toMatchObject({
      reason: 'VERSION_CONFLICT',
      nextStep: expect.stringContaining('send the new version'),
    })
  })

  it('finds a procedure that has no tool, and calls it', async () => {
    await using client = await connect()
    await client.listTools()
    const found = await client.callTool({
      name: 'search_procedures',
      arguments: { query: 'bring back a deleted task', limit: 1 },
    })
    expect(data(found)).toMatchObject({
      procedures: [{ name: 'tasks_restore', callWith: 'call_procedure', inputSchema: { required: ['id'] } }],
    })
    const call = { name: 'tasks_restore', arguments: { id: world.alpha.taskId } }
    const restored = await client.callTool({ name: 'call_procedure', arguments: call })
    expect(data(restored)).toMatchObject({ result: { id: world.alpha.taskId } })
    const unknown = await client.callTool({ name: 'call_procedure', arguments: { name: 'tasks.explode' } })
    expect(textOf(unknown)).toContain('search_procedures')
    const stream = await client.callTool({ name: 'call_procedure', arguments: { name: 'tasks.onChange' } })
    expect(textOf(stream)).toContain('wait_for_events')
  })

  it('waits for events, and misses none between two waits', async () => {
    await using client = await connect()
    await client.listTools()
    const { projectId } = await world.project()
    const wait = (rest: object) =>
      client.callTool({
        name: 'wait_for_events',
        arguments: { name: 'tasks_onChange', arguments: { projectId }, ...rest },
      })
    const first = data(await wait({ waitSeconds: 1 }))
    expect(first).toMatchObject({ events: [], ended: false })
    const create = (title: string) =>
      client.callTool({ name: 'tasks_create', arguments: { projectId, title } })
    await create('one')
    const lastEventId = field(first, 'lastEventId')
    const second = data(await wait({ lastEventId }))
    expect(second).toMatchObject({ events: [{ data: { type: 'task.created' } }], ended: false })
    const waiting = wait({ lastEventId: field(second, 'lastEventId') })
    await create('two')
    expect(data(await waiting)).toMatchObject({ events: [{ data: { task: { title: 'two' } } }] })
  })

  it('stays with a job while it listens to progress, and else is told how to follow it', async () => {
    await using client = await connect()
    await client.listTools()
    const { projectId } = await world.project()
    const heard: number[] = []
    const generate = { name: 'reports_generate', arguments: { projectId } }
    const awaited = await client.callTool(generate, { onprogress: ({ progress }) => heard.push(progress) })
    expect(data(awaited)).toMatchObject({ job: { state: 'succeeded', result: {} } })
    expect(heard[0]).toBe(0)
    expect([...heard].sort((a, b) => a - b)).toEqual(heard)
    const queued = data(await client.callTool(generate))
    expect(queued).not.toHaveProperty('job')
    const job = await client.callTool({ name: 'jobs_get', arguments: { id: field(queued, 'jobId') } })
    expect(data(job)).toMatchObject({ id: field(queued, 'jobId') })
  })

  it('keeps a file of text or of bytes', async () => {
    await using client = await connect()
    await client.listTools()
    const { projectId } = world.alpha
    const upload = (file: object) => client.callTool({ name: 'files_upload', arguments: { projectId, file } })
    expect(data(await upload({ name: 'plan.md', text: '# Plan\n' }))).toMatchObject({
      name: 'plan.md',
      type: 'text/markdown',
      bytes: 7,
    })
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    expect(data(await upload({ name: 'dot.png', base64: png }))).toMatchObject({ type: 'image/png' })
    const both = await upload({ name: 'a.txt', text: 'a', base64: 'YQ==' })
    expect(textOf(both)).toContain('Give either text or base64.')
  })

  it('makes a change once however often it is sent with one key', async () => {
    await using client = await connect()
    const { projectId } = await world.project()
    const _meta = { 'plinth/idempotencyKey': `key-${projectId}` }
    const create = (title: string) =>
      client.callTool({ name: 'tasks_create', arguments: { projectId, title }, _meta })
    const first = await create('once')
    const again = await create('once')
    expect(data(again)).toEqual(data(first))
    expect(metaOf(again, 'idempotencyReplayed')).toBe(true)
    expect(metaOf(await create('another'), 'error')).toMatchObject({ reason: 'IDEMPOTENCY_MISMATCH' })
    const { prisma } = world.server.database
    const [event] = await prisma.auditEvent.findMany({
      where: { targetId: String(field(data(first), 'id')) },
    })
    expect(event).toMatchObject({ action: 'tasks.create', surface: 'mcp' })
  })

  it('reads resources with the rights of the caller', async () => {
    await using client = await connect()
    const { resources } = await client.listResources()
    const uri = `plinth://projects/${world.alpha.projectId}`
    expect(resources.map((one) => one.uri)).toEqual(
      expect.arrayContaining(['plinth://errors', 'plinth://procedures', uri]),
    )
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain('plinth://tasks/{id}')
    const read = await client.readResource({ uri })
    expect(read.contents[0]).toMatchObject({ uri, mimeType: 'application/json' })
    const guide = await client.readResource({ uri: 'plinth://errors' })
    expect(field(guide.contents[0], 'text')).toContain('VERSION_CONFLICT')
    for (const missing of [
      `plinth://projects/${world.beta.projectId}`,
      'plinth://nothing/1',
      'file:///etc/passwd',
    ])
      await expect(client.readResource({ uri: missing })).rejects.toMatchObject({ code: -32602 })
  })
})

describe('tools as models see them', () => {
  it('have schemas that stand alone, and say what they do', async () => {
    await using client = await connectMcp(world.server, world.principals.superAdmin.token)
    const { tools } = await client.listTools()
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false })
    for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
      expect(name).toMatch(/^[a-z]\w{0,63}$/i)
      expect(description?.length, name).toBeGreaterThan(20)
      expect(inputSchema.type, name).toBe('object')
      ajv.compile({ ...inputSchema })
      ajv.compile(Object(outputSchema))
      expect(annotations, name).toMatchObject({ openWorldHint: false })
    }
    const hints = tools.flatMap(({ name, annotations: { readOnlyHint, destructiveHint } = {} }) =>
      readOnlyHint === true ? [`${name}: reads`] : destructiveHint === true ? [`${name}: destroys`] : [],
    )
    expect(hints).toContain('tasks_list: reads')
    expect(hints).toContain('tasks_delete: destroys')
  })

  it('reach every procedure that does not say otherwise', async () => {
    await using client = await connectMcp(world.server, world.principals.superAdmin.token)
    const { contents } = await client.readResource({ uri: 'plinth://procedures' })
    const text = String(field(contents[0], 'text'))
    const registry = registryOf(world.server.app.router)
    const expected = registry.filter(({ policy }) => policy.surfaces?.mcp !== false)
    expect(expected.length).toBeGreaterThan(30)
    const names = [...text.matchAll(/^- `(\w+)`/gm)].map(([, name]) => name)
    expect(names).toEqual(expected.map(({ path }) => path.replaceAll('.', '_')))
  })

  it('say that they are going away', () => {
    const [entry] = registryOf(world.server.app.router)
    if (entry === undefined) throw new Error('There is no procedure')
    const deprecated = { since: '2026-11-21', use: 'tasks.list' }
    expect(describeTool({ ...entry, policy: { ...entry.policy, deprecated } })).toMatch(
      /^Deprecated since 2026-11-21: use tasks_list\. /,
    )
  })
})

describe('a person in front of the client', () => {
  const capabilities = { elicitation: { form: {} } }

  it.each([
    ['accept', { confirm: true }, undefined],
    ['accept', { confirm: false }, 'FORBIDDEN'],
    ['decline', undefined, 'FORBIDDEN'],
  ] as const)('is asked before something is taken away (%s %o)', async (action, content, code) => {
    const { projectId, taskId } = await world.project()
    await using client = await connectMcp(world.server, world.principals.editor.token, {
      client: { capabilities },
    })
    const asked: string[] = []
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message)
      return content === undefined ? { action } : { action, content }
    })
    const removed = await client.callTool({ name: 'tasks_delete', arguments: { id: taskId } })
    expect(asked).toEqual([expect.stringContaining(taskId)])
    expect(field(metaOf(removed, 'error'), 'code')).toBe(code)
    const task = await world.server.database.prisma.task.findUniqueOrThrow({ where: { id: taskId } })
    expect(task.deletedAt === null).toBe(code !== undefined)
    await client.callTool({ name: 'tasks_list', arguments: { projectId } })
    expect(asked).toHaveLength(1)
  })
})

function textOf(result: unknown): string {
  const content = field(result, 'content')
  return String(field(Array.isArray(content) ? content[0] : undefined, 'text'))
}
