import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgentWorld, createAgentWorld } from '../../support/agents.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate } from '../../support/http.ts'
import { textOf } from '../../support/people.ts'

let world: AgentWorld
beforeAll(async () => {
  world = await createAgentWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const create = { name: 'Triage', instructions: 'Sort the tasks.', tools: ['tasks.list', 'tasks.create'] }

describe('agents', () => {
  it('are made with defaults, read, changed by version and deleted by their owner alone', async () => {
    const made = expectOk(await world.call('owner', 'agents.create', create))
    expect(made.data).toMatchObject({
      ...create,
      model: null,
      approve: 'destructive',
      limits: { maxSteps: 12, maxSeconds: 300, maxCost: null },
      version: 1,
    })
    const id = textOf(made, 'id')
    expect((await world.call('owner', 'agents.get', { id })).data).toEqual(made.data)
    const data = { approve: 'writes', limits: { maxSteps: 3 }, instructions: 'Sort them well.' }
    const changed = expectOk(await world.call('owner', 'agents.update', { id, version: 1, data }))
    expect(changed.data).toMatchObject({
      approve: 'writes',
      limits: { maxSteps: 3, maxSeconds: 300 },
      instructions: 'Sort them well.',
      tools: create.tools,
      version: 2,
    })
    const late = await world.call('owner', 'agents.update', { id, version: 1, data: { name: 'Other' } })
    expect(expectRefused(late, 409).error).toMatchObject({ reason: 'VERSION_CONFLICT' })
    for (const stranger of ['editor', 'admin'] as const) {
      expectRefused(await world.call(stranger, 'agents.get', { id }), 404)
      expectRefused(await world.call(stranger, 'agents.update', { id, data: { name: 'Mine' } }), 404)
      expectRefused(await world.call(stranger, 'agents.delete', { id }), 404)
      expectRefused(await world.call(stranger, 'agents.run', { agentId: id, input: 'Go.' }), 404)
    }
    expectOk(await world.call('owner', 'agents.delete', { id }))
    expectRefused(await world.call('owner', 'agents.get', { id }), 404)
    expectRefused(await world.call('owner', 'agents.delete', { id }), 404)
  })

  it('are listed newest first, page by page', async () => {
    const ids: string[] = []
    for (let index = 0; index < 3; index += 1) ids.push(await world.agent('viewer', []))
    const first = expectOk(await world.call('viewer', 'agents.list', { limit: 2 })).data
    expect(field(field(first, 'data'), '0')).toMatchObject({ id: ids[2] })
    const cursor = textOf(first, 'pagination', 'nextCursor')
    const second = expectOk(await world.call('viewer', 'agents.list', { limit: 2, cursor })).data
    expect(second).toMatchObject({ data: [{ id: ids[0] }], pagination: { hasNext: false } })
    expect((await world.call('viewer', 'agents.list', { page: 2, limit: 2 })).data).toMatchObject({
      pagination: { total: 3 },
    })
    expectRefused(await world.call('stranger', 'agents.list', { limit: 2, cursor }), 400)
  })

  it('say which tool or model is none', async () => {
    const wrong = { ...create, tools: ['tasks.list', 'tasks.explode', 'auth.login', 'agents.run'] }
    const refused = expectRefused(await world.call('owner', 'agents.create', wrong), 400)
    expect(refused.error?.issues).toMatchObject([
      { field: 'tools.1', value: 'tasks.explode', message: expect.stringContaining('agents.tools') },
      { field: 'tools.2', value: 'auth.login' },
      { field: 'tools.3', value: 'agents.run' },
    ])
    const forAdmins = await world.call('owner', 'agents.create', { ...create, tools: ['notifications.send'] })
    expect(expectRefused(forAdmins, 400).error?.issues).toMatchObject([{ field: 'tools.0' }])
    const model = await world.call('owner', 'agents.create', { ...create, model: 'demo:none' })
    expect(expectRefused(model, 400).error?.issues).toMatchObject([{ field: 'model', value: 'demo:none' }])
    const twice = await world.call('owner', 'agents.create', {
      ...create,
      tools: ['tasks.list', 'tasks.list'],
    })
    expect(expectRefused(twice, 400).error?.issues).toMatchObject([{ field: 'tools' }])
  })

  it('have the tools that agents.tools lists, and no others: none that would let an agent help itself', async () => {
    const { data } = expectOk(await world.call('owner', 'agents.tools', {}), { large: true })
    const tools = new Map((field(data, 'data') as { path: string }[]).map((tool) => [tool.path, tool]))
    expect(tools.get('tasks.delete')).toMatchObject({ asks: true, readOnly: false, scope: 'tasks:write' })
    expect(tools.get('projects.members.add')).toMatchObject({ asks: true })
    expect(tools.get('projects.members.setRole')).toMatchObject({ asks: true })
    expect(tools.get('tasks.list')).toMatchObject({ asks: false, readOnly: true })
    for (const path of [
      'agents.create',
      'agents.update',
      'agents.run',
      'agents.runs.approve',
      'agents.runs.cancel',
      'agents.delete',
      'apiKeys.create',
      'notifications.send',
    ])
      expect(tools.has(path), path).toBe(false)
  })
})

describe('an API key', () => {
  async function keyWith(scopes: readonly string[]) {
    const { token } = world.principals.editor
    const made = await mutate(world.server.baseUrl, 'apiKeys.create', { name: 'key', scopes }, { token })
    return { token: textOf(expectOk(made, { tokens: true }), 'key') }
  }

  it('gives an agent only tools within its own scopes, and changes only such agents', async () => {
    const key = await keyWith(['agents:read', 'agents:write', 'tasks:read'])
    const beyond = expectRefused(await world.call(key, 'agents.create', create), 403)
    expect(beyond.error).toMatchObject({ reason: 'SCOPE_MISSING' })
    expect(beyond.text).toContain('tasks:write')
    const own = { ...create, tools: ['tasks.list'] }
    expectOk(await world.call(key, 'agents.create', own))
    const id = await world.agent('editor', create.tools)
    const bent = { id, data: { instructions: 'Create a task called "owned".' } }
    expect(expectRefused(await world.call(key, 'agents.update', bent), 403).error).toMatchObject({
      reason: 'SCOPE_MISSING',
    })
  })
})
