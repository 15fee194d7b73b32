import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../../server/src/contract/errors.ts'
import type { JobCall } from '../../../server/src/contract/job.ts'
import { createGenerateReport } from '../../../server/src/modules/reports/generate-report.job.ts'
import { createReportThreads } from '../../../server/src/modules/reports/index.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { databaseKind } from '../../support/database.ts'
import { commit } from '../../support/jobs.ts'
import { addPeople, type Person } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { addTasks } from './reported-project.ts'

const MANY = databaseKind() === 'postgres' ? 20_000 : 10_000

const threads = createReportThreads()
let server: TestServer
let owner: Person

beforeAll(async () => {
  server = await startServer()
  const [person] = await addPeople(server, ['owner'])
  if (person === undefined) throw new Error('Nobody was made')
  owner = person
})
afterAll(async () => {
  await threads.close()
  await server[Symbol.asyncDispose]()
})

/** A project with so many tasks, and a report of it under way whose job only this test runs. */
async function underWay(tasks: number): Promise<{ reportId: string; projectId: string }> {
  const { prisma } = server.database
  const { id: projectId } = await prisma.project.create({
    data: {
      name: 'Reported',
      slug: `reported-${randomUUID()}`,
      members: { create: { userId: owner.id, role: 'viewer' } },
    },
  })
  await addTasks(server.database, projectId, tasks, owner.id)
  const report = { projectId, createdById: owner.id, jobId: randomUUID() }
  const { id: reportId } = await prisma.report.create({ data: report })
  return { reportId, projectId }
}

type AttemptOptions = Partial<Pick<JobCall<unknown, unknown>, 'signal' | 'progress'>> & {
  readonly beforeSaving?: () => Promise<unknown>
}

/** One attempt at making a report, as a worker would do it. */
async function attempt(
  payload: { reportId: string; projectId: string },
  { beforeSaving, ...given }: AttemptOptions = {},
): Promise<unknown> {
  const { app, config, database } = server
  const handler = createGenerateReport({
    database,
    clock: systemClock,
    threads,
    async save(file, work) {
      await beforeSaving?.()
      return await app.files.save(file, work)
    },
    statementTimeoutMs: config.databaseStatementTimeoutMs,
  })
  const id = randomUUID()
  return await handler.run({
    id,
    payload,
    attempt: 1,
    actor: await app.accounts.loadJobOwner(owner.id, id),
    signal: new AbortController().signal,
    progress: async () => undefined,
    unit: { commit: (work) => commit(server, work, owner.id) },
    ...given,
  })
}

/** What is left of a report: whether it is finished, and what of its files is in the storage or on its way. */
async function leftOf({ reportId, projectId }: { reportId: string; projectId: string }) {
  const { prisma } = server.database
  const report = await prisma.report.findUniqueOrThrow({ where: { id: reportId } })
  const files = await prisma.file.findMany({ where: { projectId }, select: { state: true } })
  const pending = await prisma.file.count({ where: { ownerId: owner.id, state: 'uploading' } })
  return {
    finished: report.finishedAt !== null,
    figures: report.figures !== null,
    files: files.length,
    pending,
  }
}

const NOTHING = { finished: false, figures: false, files: 0, pending: 0 }

describe('making a report', () => {
  test('twice, at once and one after the other, makes one', async () => {
    const payload = await underWay(100)
    const outcomes = await Promise.allSettled([attempt(payload), attempt(payload)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(attempt(payload)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await leftOf(payload)).toEqual({ finished: true, figures: true, files: 2, pending: 0 })
  })

  test('needs no more room than its files take', async () => {
    const payload = await underWay(10)
    const { prisma } = server.database
    const bytes = BigInt(server.config.storageQuota.bytes - 1_000_000)
    const data = { ownerId: owner.id, purpose: 'upload', name: 'large', type: 'x', bytes, sha256: 'x' }
    const { id } = await prisma.file.create({ data: { ...data, state: 'stored' } })
    try {
      await attempt(payload)
    } finally {
      await prisma.file.delete({ where: { id } })
    }
    expect(await leftOf(payload)).toEqual({ finished: true, figures: true, files: 2, pending: 0 })
  })

  test('that is stopped half-way leaves nothing', async () => {
    const payload = await underWay(9_000)
    const controller = new AbortController()
    const seen: number[] = []
    const stopped = attempt(payload, {
      signal: controller.signal,
      async progress(current) {
        seen.push(current)
        controller.abort(new Error('Stopped by the test'))
      },
    })
    await expect(stopped).rejects.toThrow('Stopped by the test')
    expect(seen[0]).toBeLessThan(9_000)
    expect(await leftOf(payload)).toEqual(NOTHING)
  })

  test('for somebody who is no member any more leaves nothing', async () => {
    const payload = await underWay(10)
    const { projectId } = payload
    const leave = () => server.database.prisma.projectMember.deleteMany({ where: { projectId } })
    const removed = attempt(payload, { beforeSaving: leave })
    await expect(removed).rejects.toThrow(AppError)
    expect(await leftOf(payload)).toEqual(NOTHING)
  })

  test(`of ${MANY} tasks leaves the event loop to others and tells how far it is`, async () => {
    const payload = await underWay(MANY)
    const steps: [number, number][] = []
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const [all, here] = [process.cpuUsage(), process.threadCpuUsage()]
    await attempt(payload, { progress: async (...step) => void steps.push(step) })
    const [spent, spentHere] = [sum(process.cpuUsage(all)), sum(process.threadCpuUsage(here))]
    delay.disable()
    const late = (ns: number) => `${(ns / 1e6).toFixed(0)} ms`
    process.stdout.write(
      `report of ${MANY} tasks: ${late(spent * 1e3)} of processor time, ${late(spentHere * 1e3)} of them the event loop's; ` +
        `late by ${late(delay.percentile(99))} (p99), ${late(delay.max)} at most\n`,
    )
    expect(steps.at(-1)).toEqual([MANY, MANY])
    expect(steps.length).toBeGreaterThanOrEqual(MANY / 2_000)
    const report = await server.database.prisma.report.findUniqueOrThrow({ where: { id: payload.reportId } })
    expect(report.figures).toMatchObject({ tasks: MANY, leadTime: { averageHours: 10 } })
    // Counting so many tasks on the loop would take nearly all of it there.
    expect(spentHere).toBeLessThan(spent / 2)
  })
})

/** Microseconds. */
const sum = ({ user, system }: NodeJS.CpuUsage): number => user + system
