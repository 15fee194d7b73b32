import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RegistryEntry } from '../../../server/src/contract/registry.ts'
import { registryOf } from '../../../server/src/contract/registry.ts'
import {
  type AgentToolOutcome,
  type AgentToolRun,
  type AgentTools,
  createAgentTools,
} from '../../../server/src/surfaces/agent-tools/index.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { field, mutate } from '../../support/http.ts'
import { MINUTE } from '../../support/moving-clock.ts'
import { expectNoEffect } from '../../support/no-effect.ts'
import type { PrincipalName } from '../../support/principals.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
let registry: readonly RegistryEntry[]
let agent: AgentTools
beforeAll(async () => {
  world = await createWorld()
  const { router, runtime } = world.server.app
  registry = registryOf(router)
  agent = createAgentTools({ router, registry, runtime })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Runs a tool for somebody, as an agent's run does. */
function run(
  who: PrincipalName,
  name: string,
  input: unknown,
  rest: Partial<AgentToolRun> = {},
): Promise<AgentToolOutcome> {
  const { id } = world.principals[who]
  const actor = () => world.server.app.accounts.loadJobOwner(id, randomUUID())
  return agent.run(name, input, { actor, signal: new AbortController().signal, ...rest })
}

function answerOf(outcome: AgentToolOutcome): unknown {
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
  return outcome.value
}

function failed(outcome: AgentToolOutcome) {
  return outcome.status === 'failed' ? outcome.error : expect.fail(JSON.stringify(outcome))
}

describe('the tools of an agent', () => {
  it('are what the policies leave to it', () => {
    const names = agent.tools.map(({ path }) => path)
    expect(names).toContain('tasks.create')
    for (const { path, kind, policy } of registry) {
      const isTool = names.includes(path)
      if (policy.surfaces?.agent === false || policy.scope === 'session' || kind === 'subscription')
        expect(isTool, path).toBe(false)
    }
    const remove = agent.tools.find(({ path }) => path === 'tasks.delete')
    expect(remove).toMatchObject({ name: 'tasks_delete', needsConfirmation: true, readOnly: false })
    expect(agent.tools.find(({ path }) => path === 'tasks.list')).toMatchObject({
      needsConfirmation: false,
      readOnly: true,
      inputSchema: { type: 'object', required: ['projectId'] },
    })
  })

  it('are chosen by path; what agents may not call cannot be chosen', () => {
    const { router, runtime } = world.server.app
    const choose = (...procedures: string[]) => createAgentTools({ router, registry, runtime, procedures })
    expect(choose('tasks.list').tools.map(({ name }) => name)).toEqual(['tasks_list'])
    for (const path of [
      'auth.login',
      'apiKeys.create',
      'users.delete',
      'files.upload',
      'tasks.onChange',
      'none.such',
    ])
      expect(() => choose(path)).toThrow(`${path} cannot be a tool of an agent`)
  })

  it('act with the rights their user has now, not those of before', async () => {
    const { projectId } = await world.project()
    const list = () => run('viewer', 'tasks_list', { projectId })
    expect(answerOf(await list())).toMatchObject({ data: [{}] })
    const create = { projectId, title: 'must not be' }
    expect(failed(await run('viewer', 'tasks_create', create))).toMatchObject({ code: 'FORBIDDEN' })
    const member = { projectId, userId: world.principals.viewer.id }
    const { token } = world.principals.owner
    expectOk(await mutate(world.server.baseUrl, 'projects.members.remove', member, { token }))
    expect(failed(await list())).toMatchObject({ code: 'NOT_FOUND', httpStatus: 404 })
    expect(failed(await run('suspendedEditor', 'tasks_list', { projectId }))).toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })

  it('refuse what is no tool, and arguments that are none', async () => {
    const { projectId } = world.alpha
    await expectNoEffect(world.server.database, async () => {
      expect(failed(await run('owner', 'tasks_explode', {}))).toMatchObject({ code: 'NOT_FOUND' })
      expect(failed(await run('owner', 'auth_login', {}))).toMatchObject({ code: 'NOT_FOUND' })
      const more = { projectId, title: 'x', ownerId: world.principals.stranger.id }
      expect(failed(await run('owner', 'tasks_create', more))).toMatchObject({
        code: 'BAD_REQUEST',
        issues: [{ field: 'ownerId' }],
        nextStep: expect.stringContaining('input schema'),
      })
      let deep: unknown = 1
      for (let level = 0; level < 5_000; level += 1) deep = { deep }
      expect(failed(await run('owner', 'tasks_delete', deep))).toMatchObject({ code: 'BAD_REQUEST' })
    })
  })

  it('have one effect per step, however often it is done again', async () => {
    const { projectId } = await world.project()
    const step = { idempotencyKey: `run-1-step-${projectId}`, traceId: 'run-1' }
    const input = { projectId, title: 'once' }
    const first = await run('editor', 'tasks_create', input, step)
    const again = await run('editor', 'tasks_create', input, step)
    expect(first).toMatchObject({ traceId: 'run-1' })
    expect(answerOf(again)).toEqual(answerOf(first))
    const id = String(field(answerOf(first), 'id'))
    expect(await world.server.database.prisma.task.count({ where: { projectId, title: 'once' } })).toBe(1)
    const trail = await world.server.database.prisma.auditEvent.findMany({ where: { targetId: id } })
    expect(trail).toMatchObject([{ surface: 'agent', actorId: world.principals.editor.id, traceId: 'run-1' }])
  })

  it('stop when their run is stopped', async () => {
    const signal = AbortSignal.abort()
    await expectNoEffect(world.server.database, () =>
      run('editor', 'tasks_list', { projectId: world.alpha.projectId }, { signal }),
    )
  })
})

describe('what takes something away', () => {
  it('waits for a person, whose agreement is for this call alone', async () => {
    const { taskId } = await world.project()
    const { taskId: otherTask } = await world.project()
    const userId = world.principals.editor.id
    const input = { id: taskId }
    const agreed = agent.confirm({ userId, name: 'tasks_delete', input })
    await expectNoEffect(world.server.database, async () => {
      expect(await run('editor', 'tasks_delete', input)).toMatchObject({
        status: 'unconfirmed',
        tool: { name: 'tasks_delete' },
      })
      const misused: readonly [PrincipalName, string, unknown, string][] = [
        ['editor', 'tasks_delete', { id: otherTask }, agreed],
        ['owner', 'tasks_delete', input, agreed],
        ['owner', 'projects_delete', input, agreed],
        ['editor', 'tasks_delete', input, `${agreed.slice(0, -2)}xx`],
        ['editor', 'tasks_delete', input, agreed.replace(/^\d+/, '99999999999999')],
        ['editor', 'tasks_delete', input, 'yes'],
      ]
      for (const [who, name, given, confirmation] of misused)
        expect(await run(who, name, given, { confirmation })).toMatchObject({ status: 'unconfirmed' })
    })
    const once = await run('editor', 'tasks_delete', input, { confirmation: agreed })
    const twice = await run('editor', 'tasks_delete', input, { confirmation: agreed })
    expect(answerOf(once)).toEqual({ ok: true })
    expect(answerOf(twice)).toEqual({ ok: true })
    expect(await world.server.database.prisma.auditEvent.count({ where: { targetId: taskId } })).toBe(1)
  })

  it('does not happen on an agreement of long ago', async () => {
    const { taskId } = await world.project()
    const input = { id: taskId }
    const userId = world.principals.editor.id
    const confirmation = agent.confirm({ userId, name: 'tasks_delete', input })
    world.clock.move(11 * MINUTE)
    const late = await run('editor', 'tasks_delete', input, { confirmation })
    world.clock.reset()
    expect(late).toMatchObject({ status: 'unconfirmed' })
  })
})
