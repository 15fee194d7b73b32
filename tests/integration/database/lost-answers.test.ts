import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createCallContext } from '../../../server/src/contract/call-context.ts'
import { handleJob } from '../../../server/src/contract/job.ts'
import { runMutation } from '../../../server/src/contract/pipeline/run-mutation.ts'
import { createJobRunner } from '../../../server/src/contract/run-job.ts'
import type { Change, MutationUnit } from '../../../server/src/contract/unit-of-work.ts'
import { holdRun } from '../../../server/src/modules/agents/work/held-run.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { isUnavailable } from '../../../server/src/platform/database/index.ts'
import { type Bus, type BusMessage, createBus } from '../../../server/src/platform/events/bus.ts'
import { createBoss } from '../../../server/src/platform/jobs/boss.ts'
import { claimJobs } from '../../../server/src/platform/jobs/claim.ts'
import type { ClaimedJob } from '../../../server/src/platform/jobs/claimed-job.ts'
import { createSettler } from '../../../server/src/platform/jobs/settler.ts'
import { sqlValues } from '../../../server/src/platform/pagination/sql-values.ts'
import { newTraceId } from '../../../server/src/platform/request-context.ts'
import { type DatabaseByWire, openByWire } from '../../support/database-by-wire.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate } from '../../support/http.ts'
import { commit, noteJob, rowOf, startWith } from '../../support/jobs.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { addPerson, textOf } from '../../support/people.ts'
import type { TestServer } from '../../support/server.ts'

const job = noteJob('test.note')
const handler = handleJob(job, async ({ id, unit }) => await unit.commit(async (change) => said(change, id)))

let server: TestServer
let far: DatabaseByWire
beforeAll(async () => {
  server = await startWith([handler], {
    variables: { PLINTH_ROLE: 'api' },
    overrides: { llmProviders: [scriptedProvider('demo')] },
  })
  far = await openByWire(server.database)
})
afterAll(async () => {
  await far?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

/** What this process was told, and what it had the others told. */
let published: BusMessage[] = []
let told: BusMessage[] = []
beforeEach(() => {
  published = []
  told = []
})
const bus: Bus = {
  ...createBus({ kind: 'embedded' }),
  publish: (topic, payload) => void published.push({ topic, payload }),
  tell: (messages) => void told.push(...messages),
}

/** A change that is told of in each of the ways. */
function said(change: Change, about: string) {
  change.emit({ stream: `test:${about}`, type: 'said', data: {} })
  change.announce('must', about)
  change.wake('may', about)
  return { note: 'said' }
}

async function expectSaid(about: string): Promise<void> {
  expect(published).toContainEqual({ topic: 'must', payload: about })
  await expectWoken(about)
}

async function expectWoken(about: string): Promise<void> {
  expect(await server.database.prisma.event.count({ where: { stream: `test:${about}` } })).toBe(1)
  const wakeUps = [
    { topic: 'may', payload: about },
    { topic: `events:test:${about}`, payload: '' },
  ]
  expect(published).toEqual(expect.arrayContaining(wakeUps))
  expect(told).toEqual(expect.arrayContaining(wakeUps))
}

/** The work's failure, when the answer to its COMMIT was lost. */
function withLostCommit(work: () => Promise<unknown>): Promise<unknown> {
  return failureOf('COMMIT', work)
}

/** The work's failure, when the answer that ends with this command was lost. */
async function failureOf(command: string, work: () => Promise<unknown>): Promise<unknown> {
  far.wire.cutAnswerWith(command)
  return await work().then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** A job that was taken to be done. */
async function claimed(): Promise<ClaimedJob> {
  await commit(server, (change) => change.enqueue(job, { note: '' }))
  const { database } = server
  const boss = createBoss(database, server.app.logger, { works: false, schedules: false })
  await boss.start()
  const [taken] = await claimJobs({ boss, database, logger: server.app.logger }, job, 1)
  await boss.stop({ graceful: false, close: false })
  if (taken === undefined) throw new Error('No job was taken')
  return taken
}

/** Has it written over the wire how `taken` ended. */
async function settle(taken: ClaimedJob, end: 'done' | 'failed'): Promise<boolean> {
  const boss = createBoss(far.database, server.app.logger, { works: false, schedules: false })
  await boss.start()
  const settler = createSettler(boss, far.database, bus)
  if (end === 'done') far.wire.cutAnswers(1)
  else far.wire.cutAnswerWith('COMMIT')
  const outcome = end === 'done' ? { kind: end, result: { note: '' } } : { kind: end, error: 'no', cause: '' }
  const held = await settler.settle(taken, outcome, undefined)
  await boss.stop({ graceful: false, close: false })
  return held
}

/** Runs a mutation over the wire that can be cut. */
async function mutateByWire(run: (unit: MutationUnit<unknown>) => Promise<unknown>): Promise<unknown> {
  const request = {
    traceId: newTraceId(),
    surface: 'system' as const,
    ip: undefined,
    userAgent: undefined,
    roundTrips: 0,
  }
  const context = createCallContext({
    runtime: { ...server.app.runtime, database: far.database, bus },
    request,
  })
  const call = {
    path: 'test.say',
    batchIndex: 0,
    policy: { access: { who: 'public' }, scope: 'none', limit: 'write', audit: 'test.say' },
    actor: null,
    input: undefined,
    output: z.unknown(),
    context,
  } as const
  return await runMutation(call, run)
}

test('a mutation announces what may have been committed', async () => {
  const about = crypto.randomUUID()
  const failure = await withLostCommit(() =>
    mutateByWire((unit) => unit.commit(async (change) => said(change, about))),
  )
  expect(isUnavailable(failure)).toBe(true)
  await expectSaid(about)
})

test('a mutation of one statement announces what may have been committed', async () => {
  const about = crypto.randomUUID()
  const failure = await failureOf('SELECT 1', () =>
    mutateByWire((unit) =>
      unit.commitStatement(({ emit, wake }) => {
        const values = sqlValues()
        emit({ stream: `test:${about}`, type: 'said', data: {} })
        wake('may', about)
        const name = values.bind(`row:${about}`, 'text')
        return {
          values,
          text: `INSERT INTO event_streams (name, last_id) VALUES (${name}, 0) RETURNING name`,
          answer: undefined,
          refusal: async () => new Error('Nothing was written'),
        }
      }),
    ),
  )
  expect(isUnavailable(failure)).toBe(true)
  const { prisma } = server.database
  expect(await prisma.eventStream.count({ where: { name: `row:${about}` } })).toBe(1)
  await expectWoken(about)
})

test('a job announces what may have been committed, and that it may have ended', async () => {
  const taken = await claimed()
  const runtime = { database: far.database, bus, jobs: server.app.runtime.jobs }
  const perform = createJobRunner({ runtime, handlers: [handler], loadOwner: async () => null })
  const control = {
    signal: new AbortController().signal,
    progress: () => undefined,
    complete: async () => undefined,
  }
  far.wire.cutAnswerWith('COMMIT')
  expect(await perform(taken, control)).toMatchObject({ kind: 'broke' })
  await expectSaid(taken.id)
  const changed = { topic: 'jobs:changed', payload: taken.id }
  expect([published.at(-1), told.at(-1)]).toEqual([changed, changed])
})

test('a run of an agent announces what may have been committed', async () => {
  const { token } = await addPerson(server)
  const call = async (path: string, input: unknown, name: string) =>
    textOf(expectOk(await mutate(server.baseUrl, path, input, { token })), name)
  const agent = { name: 'Helper', instructions: 'Help.', tools: ['tasks.create'] }
  const agentId = await call('agents.create', agent, 'id')
  const runId = await call('agents.run', { agentId, input: 'Go' }, 'runId')
  const { jobId } = await server.database.prisma.agentRun.findUniqueOrThrow({ where: { id: runId } })
  const parts = { database: far.database, bus, clock: systemClock, jobs: () => server.app.runtime.jobs }
  const held = await holdRun(parts, { runId, jobId, attempt: 1 })
  const failure = await withLostCommit(async () => held?.commit(async (change) => said(change, runId)))
  expect(isUnavailable(failure)).toBe(true)
  await expectSaid(runId)
})

test.for([
  { end: 'done', state: 'succeeded' },
  { end: 'failed', state: 'failed' },
] as const)('that a job $state is announced, though the answer was lost', async ({ end, state }) => {
  const taken = await claimed()
  // Written a second time, it finds that the job is not its own any more.
  expect(await settle(taken, end)).toBe(false)
  expect(await rowOf(server, taken.id)).toMatchObject({ state })
  const changed = [{ topic: 'jobs:changed', payload: taken.id }]
  expect(published).toEqual(changed)
  expect(told).toEqual(changed)
})
