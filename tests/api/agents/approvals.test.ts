import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweepRuns } from '../../../server/src/modules/agents/work/sweep-runs.ts'
import { transaction } from '../../../server/src/platform/database/index.ts'
import { newJob } from '../../../server/src/platform/jobs/new-job.ts'
import { type AgentWorld, createAgentWorld, turns, typesOf } from '../../support/agents.ts'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { reached } from '../../support/jobs.ts'
import { textOf } from '../../support/people.ts'

let world: AgentWorld
beforeAll(async () => {
  world = await createAgentWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const approve = (runId: string, callId: string | undefined, yes: boolean) =>
  world.call('editor', 'agents.runs.approve', { id: runId, callId, approve: yes })

async function isDeleted(taskId: string): Promise<boolean> {
  const task = await world.server.database.prisma.task.findUniqueOrThrow({ where: { id: taskId } })
  return task.deletedAt !== null
}

async function sweep(): Promise<void> {
  const { runtime } = world.server.app
  const job = newJob(sweepRuns, {})
  await transaction(runtime.database, (tx) =>
    runtime.jobs.enqueue(tx, [job], { ownerId: null, traceId: 'test' }),
  )
  await reached(world.server, job.id, ['succeeded'])
}

describe('a call that takes something away', () => {
  it('waits for its user, holds no worker, and is made once when they agree', async () => {
    const { taskId } = await world.project()
    world.model.answer(
      turns(
        [{ text: 'It is a duplicate.' }, { call: 'tasks_delete', input: { id: taskId } }],
        [{ text: 'Deleted.' }],
      ),
    )
    const runId = await world.begin('editor', ['tasks.delete'])
    const waiting = await world.reached(runId, 'waiting')
    const callId = waiting.turns[0]?.calls[0]?.id
    expect(waiting.turns[0]?.calls).toMatchObject([{ tool: 'tasks.delete', state: 'waiting', result: null }])
    expect(await reached(world.server, waiting.jobId, ['succeeded'])).toMatchObject({
      result: { runId, state: 'waiting' },
    })
    expect(await isDeleted(taskId)).toBe(false)
    using stream = await world.follow('editor', runId)
    await stream.atLeast(5)
    expect(stream.events()[4]?.data).toEqual({
      type: 'approval_needed',
      step: 1,
      callId,
      tool: 'tasks.delete',
      input: { id: taskId },
      why: 'It is a duplicate.',
    })

    expectRefused(await world.call('owner', 'agents.runs.approve', { id: runId, callId, approve: true }), 404)
    expectRefused(await approve(runId, taskId, true), 404)
    const both = await Promise.all([approve(runId, callId, true), approve(runId, callId, true)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    const done = await world.reached(runId, 'succeeded')
    expect(done).toMatchObject({ result: 'Deleted.', turns: [{ calls: [{ state: 'done' }] }, {}] })
    expect(await isDeleted(taskId)).toBe(true)
    await stream.ended()
    expect(typesOf(stream).slice(5, 7)).toEqual(['approval_decided', 'tool_result'])
    const late = expectRefused(await approve(runId, callId, true), 409)
    expect(late.error).toMatchObject({ reason: 'CALL_NOT_WAITING' })
    expect(await world.server.database.prisma.auditEvent.count({ where: { targetId: taskId } })).toBe(1)
  })

  it('is not made when they refuse, and the model is told', async () => {
    const { taskId } = await world.project()
    world.model.answer(
      turns([{ call: 'tasks_delete', input: { id: taskId } }], [{ text: 'Then I leave it.' }]),
    )
    const runId = await world.begin('editor', ['tasks.delete'])
    const waiting = await world.reached(runId, 'waiting')
    expectOk(await approve(runId, waiting.turns[0]?.calls[0]?.id, false))
    await world.reached(runId, 'succeeded')
    expect(world.model.requests.at(-1)?.messages.at(-1)?.text).toContain('refused this call')
    expect(await isDeleted(taskId)).toBe(false)
  })

  it('cannot be made again with the same agreement by a model that asks twice', async () => {
    const { taskId } = await world.project()
    const again = [{ call: 'tasks_delete', input: { id: taskId } }]
    world.model.answer(turns(again, again, [{ text: 'Done.' }]))
    const runId = await world.begin('editor', ['tasks.delete'])
    const first = await world.reached(runId, 'waiting')
    expectOk(await approve(runId, first.turns[0]?.calls[0]?.id, true))
    const second = await world.reached(runId, 'waiting')
    expect(second.turns.map(({ calls }) => calls[0]?.state)).toEqual(['done', 'waiting'])
    expectOk(await world.call('editor', 'agents.runs.cancel', { id: runId }))
  })

  it('waits together with the others of its step, while what needs no agreement is made', async () => {
    const { projectId, taskId } = await world.project()
    const other = await world.project()
    world.model.answer(
      turns(
        [
          { call: 'tasks_delete', input: { id: taskId } },
          { call: 'tasks_list', input: { projectId } },
          { call: 'tasks_delete', input: { id: other.taskId } },
        ],
        [{ text: 'Done.' }],
      ),
    )
    const runId = await world.begin('editor', ['tasks.delete', 'tasks.list'])
    const waiting = await world.reached(runId, 'waiting')
    const calls = waiting.turns[0]?.calls ?? []
    expect(calls.map(({ state }) => state)).toEqual(['waiting', 'done', 'waiting'])
    expect(expectOk(await approve(runId, calls[0]?.id, true)).data).toMatchObject({ state: 'waiting' })
    expect(expectOk(await approve(runId, calls[2]?.id, false)).data).toMatchObject({ state: 'queued' })
    const done = await world.reached(runId, 'succeeded')
    expect(done.turns[0]?.calls.map(({ state }) => state)).toEqual(['done', 'done', 'refused'])
    expect([await isDeleted(taskId), await isDeleted(other.taskId)]).toEqual([true, false])
  })

  it('is not made when nobody decides for a week', async () => {
    const { taskId } = await world.project()
    world.model.answer(turns([{ call: 'tasks_delete', input: { id: taskId } }]))
    const runId = await world.begin('editor', ['tasks.delete'])
    await world.reached(runId, 'waiting')
    await sweep()
    await world.reached(runId, 'waiting')
    await world.server.database.pool.query(
      `UPDATE agent_runs SET waiting_since = now() - interval '8 days' WHERE id = $1`,
      [runId],
    )
    await sweep()
    expect(await world.reached(runId, 'cancelled')).toMatchObject({
      error: { code: 'APPROVAL_EXPIRED' },
      turns: [{ calls: [{ state: 'refused' }] }],
    })
    expect(await isDeleted(taskId)).toBe(false)
  })

  it('is not made when the run is cancelled while it waits', async () => {
    const { taskId } = await world.project()
    world.model.answer(turns([{ call: 'tasks_delete', input: { id: taskId } }]))
    const runId = await world.begin('editor', ['tasks.delete'])
    const waiting = await world.reached(runId, 'waiting')
    expectOk(await world.call('editor', 'agents.runs.cancel', { id: runId }))
    const callId = waiting.turns[0]?.calls[0]?.id
    expect(expectRefused(await approve(runId, callId, true), 409).error?.reason).toBe('CALL_NOT_WAITING')
    expect(await isDeleted(taskId)).toBe(false)
  })
})

describe('an agent that asks before every write', () => {
  it('reads by itself and waits with everything else', async () => {
    const { projectId } = await world.project()
    const title = `Asked ${projectId}`
    world.model.answer(
      turns(
        [
          { call: 'tasks_list', input: { projectId } },
          { call: 'tasks_createMany', input: { projectId, tasks: [{ title }] } },
        ],
        [{ text: 'Added.' }],
      ),
    )
    const runId = await world.begin('editor', ['tasks.list', 'tasks.createMany'], { approve: 'writes' })
    const waiting = await world.reached(runId, 'waiting')
    expect(waiting.turns[0]?.calls.map(({ state }) => state)).toEqual(['done', 'waiting'])
    const tasks = () => world.server.database.prisma.task.count({ where: { title } })
    expect(await tasks()).toBe(0)
    expectOk(await approve(runId, waiting.turns[0]?.calls[1]?.id, true))
    await world.reached(runId, 'succeeded')
    expect(await tasks()).toBe(1)
  })
})

describe('a run whose job is gone', () => {
  it('is ended by the sweep, with the reason', async () => {
    world.model.answer(() => [{ wait: new Promise(() => undefined) }])
    const runId = await world.begin('editor', [])
    const { jobId } = await world.reached(runId, 'running')
    const { pool } = world.server.database
    await pool.query(
      `UPDATE jobs SET state = 'dead', error = 'It broke.', finished_at = now() WHERE id = $1`,
      [jobId],
    )
    await sweep()
    expect(await world.reached(runId, 'failed')).toMatchObject({
      error: { code: 'JOB_ENDED', message: 'It broke.' },
    })
    expect(textOf(await world.call('editor', 'agents.runs.get', { id: runId }), 'state')).toBe('failed')
  })
})
