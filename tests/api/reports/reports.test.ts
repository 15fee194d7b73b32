import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate, query } from '../../support/http.ts'
import { addPerson, type LogIn, type Person, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import { addTasks, download } from './reported-project.ts'

let server: TestServer
let owner: Person & LogIn
let viewer: Person & LogIn
let stranger: Person & LogIn

beforeAll(async () => {
  server = await startServer()
  owner = await addPerson(server, 'owner')
  viewer = await addPerson(server, 'viewer')
  await server.database.prisma.user.update({ where: { id: viewer.id }, data: { fullName: '=SUM(A1)' } })
  stranger = await addPerson(server, 'stranger')
})
afterAll(() => server[Symbol.asyncDispose]())

async function project(): Promise<string> {
  const { id } = await server.database.prisma.project.create({
    data: {
      name: 'Reported',
      slug: `reported-${crypto.randomUUID()}`,
      members: {
        create: [
          { userId: owner.id, role: 'owner' },
          { userId: viewer.id, role: 'viewer' },
        ],
      },
    },
  })
  return id
}

const generate = (projectId: string, as: LogIn) =>
  mutate(server.baseUrl, 'reports.generate', { projectId }, as)
const get = (id: string, as: LogIn) => query(server.baseUrl, 'reports.get', { id }, as)

/** Waits until the report's job has ended, and returns the report. */
async function ended(id: string, as: LogIn = owner) {
  return await until(
    'the report to be made',
    async () => {
      const { data } = expectOk(await get(id, as))
      return ['queued', 'running'].includes(textOf(data, 'state')) ? undefined : data
    },
    20_000,
  )
}

describe('a report', () => {
  test('has the project’s figures, as an answer, as a table and as JSON, for every member', async () => {
    const projectId = await project()
    await addTasks(server.database, projectId, 25, viewer.id)
    const asked = expectOk(await generate(projectId, viewer))
    const id = textOf(asked, 'reportId')
    const report = await ended(id)
    expect(report).toMatchObject({
      state: 'succeeded',
      jobId: textOf(asked, 'jobId'),
      createdById: viewer.id,
      figures: { tasks: 25, open: 16, byStatus: { todo: 8, doing: 8, done: 9 }, leadTime: { tasks: 9 } },
      files: [{ format: 'csv' }, { format: 'json' }],
    })
    const [csv = '', json = ''] = await Promise.all(
      ['0', '1'].map((index) => download(server, textOf(report, 'files', index, 'fileId'), owner)),
    )
    expect(csv).toContain('tasks,,,25\r\n')
    expect(csv).toContain(`open tasks by assignee,'=SUM(A1),${viewer.id},16`)
    expect(JSON.parse(json)).toEqual(field(report, 'figures'))
    const listed = expectOk(await query(server.baseUrl, 'reports.list', { projectId, page: 1 }, viewer)).data
    expect(listed).toMatchObject({ data: [{ id, state: 'succeeded' }], pagination: { total: 1 } })
    expect(field(field(field(listed, 'data'), '0'), 'figures')).toBeUndefined()
  })

  test('of an empty project is made as well', async () => {
    const asked = expectOk(await generate(await project(), owner))
    expect(await ended(textOf(asked, 'reportId'))).toMatchObject({
      state: 'succeeded',
      figures: { tasks: 0, leadTime: null, byAssignee: [] },
    })
  })

  test('does not exist for strangers, nor for anybody once its project is deleted', async () => {
    const projectId = await project()
    const id = textOf(expectOk(await generate(projectId, owner)), 'reportId')
    const report = await ended(id)
    const fileId = textOf(report, 'files', '0', 'fileId')
    expectRefused(await generate(projectId, stranger), 404)
    expectRefused(await get(id, stranger), 404)
    expectRefused(await query(server.baseUrl, 'reports.list', { projectId }, stranger), 404)
    await expect(download(server, fileId, stranger)).rejects.toThrow('404')
    expectOk(await mutate(server.baseUrl, 'projects.delete', { id: projectId }, owner))
    expectRefused(await get(id, owner), 404)
    await expect(download(server, fileId, owner)).rejects.toThrow('404')
    await server.database.prisma.project.delete({ where: { id: projectId } })
    expect(await server.database.prisma.report.count({ where: { id } })).toBe(0)
  })

  test('under way is what asking again answers; a finished one is not', async () => {
    const projectId = await project()
    await addTasks(server.database, projectId, 500, owner.id)
    const answers = await Promise.all(Array.from({ length: 10 }, () => generate(projectId, owner)))
    const ids = new Set(answers.map((answer) => textOf(expectOk(answer), 'reportId')))
    const jobs = new Set(answers.map((answer) => textOf(answer, 'jobId')))
    const [first = ''] = ids
    await ended(first)
    // The first may be finished before the last has asked.
    expect(ids.size).toBeLessThan(10)
    expect(jobs.size).toBe(ids.size)
    for (const id of ids) await ended(id)
    expect(textOf(expectOk(await generate(projectId, owner)), 'reportId')).not.toBe(first)
  })
})
