import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../support/expect-clean.ts'
import { mutate } from '../support/http.ts'
import { decideAll, restingRun, startRun } from '../support/llm/agent-runs.ts'
import { type ChatWorld, createChatWorld } from '../support/llm/chat-world.ts'
import { obeying, obeyingForEver } from '../support/llm/obeying.ts'
import { order, orders, untouched } from '../support/llm/orders.ts'
import { CANARY } from '../support/world.ts'

let chat: ChatWorld
let hits = 0
let outside: string
const server = createServer((_request, response) => {
  hits += 1
  response.end('{}')
})

beforeAll(async () => {
  chat = await createChatWorld()
  chat.vendor.answer(obeying)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  outside = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}, 60_000)
afterAll(async () => {
  await chat?.[Symbol.asyncDispose]()
  await new Promise((resolve) => server.close(resolve))
})

const restOfTheWorld = () => untouched(chat.world)

const WRITES = ['tasks.create', 'projects.delete', 'projects.members.add']
const TOOLS = {
  'a task': [...WRITES, 'tasks.list'],
  'a document': [...WRITES, 'tasks.list', 'knowledgeBases.search'],
} as const

/** Puts a text where the editor’s agent will read it. @returns what the agent is told to do */
const plant = {
  async 'a task'(text: string) {
    const { alpha, principals, server: here } = chat.world
    const task = { projectId: alpha.projectId, title: 'Zebra minutes', description: text.slice(0, 9_000) }
    expectOk(await mutate(here.baseUrl, 'tasks.create', task, { token: principals.owner.token }))
    return order('tasks_list', { projectId: alpha.projectId, search: 'Zebra' })
  },
  async 'a document'(text: string) {
    const { alpha, principals } = chat.world
    const minutes = {
      'minutes.md': `# Minutes

The zebra meeting.

${text}`,
    }
    await chat.knowledgeBase(principals.owner, minutes, alpha.projectId)
    return order('knowledgeBases_search', { query: 'zebra meeting minutes' })
  },
}

describe('L5 texts cannot act beyond the user: agents', () => {
  test.each(['a task', 'a document'] as const)(
    'orders in %s do nothing that the asking user may not do, whatever is agreed to',
    async (where) => {
      const { editor } = chat.world.principals
      const { baseUrl } = chat.world.server
      const input = await plant[where](Object.values(orders(chat.world, outside)).join('\n'))
      const before = await restOfTheWorld()
      const runId = await startRun(baseUrl, editor, { tools: TOOLS[where] }, input)
      const run = await decideAll(baseUrl, editor, runId, true)
      expect(['succeeded', 'failed']).toContain(run.state)
      const ordered = run.calls.slice(1)
      expect(run.calls[0]?.state).toBe('done')
      expect(ordered.length, 'the model was shown the orders and obeyed').toBe(
        Object.keys(orders(chat.world, outside)).length,
      )
      expect(ordered.filter(({ state }) => state === 'done')).toEqual([])
      expect(JSON.stringify(ordered)).not.toContain(CANARY)
      expect(await restOfTheWorld()).toEqual(before)
      expect(hits).toBe(0)
    },
    90_000,
  )

  test('what takes something away happens only once its owner has agreed, and nobody else can agree', async () => {
    const { principals, server: here } = chat.world
    const { owner, editor, stranger, admin } = principals
    const { projectId, taskId } = await chat.world.project()
    const before = await restOfTheWorld()
    const input = order('tasks_delete', { id: taskId })
    const runId = await startRun(here.baseUrl, owner, { tools: ['tasks.delete'] }, input)
    const waiting = await restingRun(here.baseUrl, owner, runId)
    expect(waiting.state).toBe('waiting')
    const callId = waiting.calls[0]?.id
    for (const who of [stranger, editor, admin]) {
      const agreed = await mutate(
        here.baseUrl,
        'agents.runs.approve',
        { id: runId, callId, approve: true },
        { token: who.token },
      )
      expectRefused(agreed, [403, 404])
    }
    expect(await restOfTheWorld()).toEqual(before)

    const refused = await decideAll(here.baseUrl, owner, runId, false)
    expect(refused.calls[0]?.state).toBe('refused')
    expect(await restOfTheWorld()).toEqual(before)

    const second = await startRun(here.baseUrl, owner, { tools: ['tasks.delete'] }, input)
    const agreed = await decideAll(here.baseUrl, owner, second, true)
    expect(agreed.calls[0]?.state).toBe('done')
    const task = await here.database.prisma.task.findUnique({ where: { id: taskId } })
    expect([projectId, task?.deletedAt ?? null]).not.toContain(null)
  }, 60_000)

  test('a model that calls for ever is stopped, and so is one that calls a thousand times at once', async () => {
    const { editor } = chat.world.principals
    const { baseUrl } = chat.world.server
    const look = order('tasks_list', { projectId: chat.world.alpha.projectId })
    chat.vendor.answer(obeyingForEver)
    const before = chat.vendor.questions().length
    const limits = { maxSteps: 5 }
    const endless = await startRun(baseUrl, editor, { tools: ['tasks.list'], limits }, look)
    const run = await restingRun(baseUrl, editor, endless)
    expect(run.state).toBe('failed')
    expect(run.text).toContain('STEP_LIMIT')
    expect(chat.vendor.questions().length - before).toBeLessThanOrEqual(5)

    chat.vendor.answer((_question, nth) =>
      nth % 2 === 0
        ? Array.from({ length: 1_000 }, (_, index) => ({
            call: 'tasks_list',
            input: { projectId: chat.world.alpha.projectId, search: `${index}` },
            id: `call_${nth}_${index}`,
          }))
        : [{ text: 'Enough.' }],
    )
    const crowd = await startRun(baseUrl, editor, { tools: ['tasks.list'], limits }, 'Look a thousand times.')
    const { calls } = await restingRun(baseUrl, editor, crowd)
    expect(calls.filter(({ state }) => state === 'done').length).toBeLessThanOrEqual(100)
    chat.vendor.answer(obeying)
  }, 90_000)

  test('a right that was lost while a call waited is lost when it is agreed to', async () => {
    const { principals, server: here } = chat.world
    const { editor, owner } = principals
    const { projectId, taskId } = await chat.world.project()
    const input = order('tasks_delete', { id: taskId })
    const runId = await startRun(here.baseUrl, editor, { tools: ['tasks.delete'] }, input)
    expect((await restingRun(here.baseUrl, editor, runId)).state).toBe('waiting')
    const removal = { projectId, userId: editor.id }
    expectOk(await mutate(here.baseUrl, 'projects.members.remove', removal, { token: owner.token }))
    const run = await decideAll(here.baseUrl, editor, runId, true)
    expect(run.calls[0]?.state).toBe('failed')
    expect(run.calls[0]?.result).toContain('NOT_FOUND')
    const task = await here.database.prisma.task.findUnique({ where: { id: taskId } })
    expect(task?.deletedAt).toBeNull()
  }, 60_000)
})
