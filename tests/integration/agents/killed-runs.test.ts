import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseKind } from '../../support/database.ts'
import { expectOk } from '../../support/expect-clean.ts'
import { mutate } from '../../support/http.ts'
import { scriptedProvider } from '../../support/llm/scripted-provider.ts'
import { addPeople, logIn, textOf } from '../../support/people.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'
import type { RunOrder } from './run-script.ts'

const RESCUE_MS = 30_000

let server: TestServer
let token: string
let userId: string
beforeAll(async () => {
  server = await startServer({
    variables: { PLINTH_ROLE: 'api', TRUSTED_PROXIES: '127.0.0.1' },
    overrides: { llmProviders: [scriptedProvider('demo')] },
  })
  const [person] = await addPeople(server, ['runner'])
  if (person === undefined) throw new Error('Nobody was made')
  userId = person.id
  token = (await logIn(server, person.email)).token
})
afterAll(() => server[Symbol.asyncDispose]())

interface Worker extends AsyncDisposable {
  readonly child: ChildProcess
  said(line: string): Promise<void>
}

async function startWorker(doomed: boolean): Promise<Worker> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'worker-process.ts')], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: server.database.connectionString,
      DOOMED: doomed ? 'yes' : 'no',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const said = (line: string) =>
    until(`the worker says ${line}`, () => output.split('\n').includes(line) || undefined, RESCUE_MS)
  await said('ready')
  return {
    child,
    said: async (line) => void (await said(line)),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** A run that creates one task in a project of its own. */
async function begin(parks: RunOrder['parks']) {
  const [projectId, title] = [randomUUID(), `Once ${randomUUID()}`]
  const members = { create: [{ userId, role: 'owner' as const }] }
  await server.database.prisma.project.create({
    data: { id: projectId, name: 'P', slug: `p-${projectId}`, members },
  })
  const agent = { name: 'Creator', instructions: 'Create it.', tools: ['tasks.create'] }
  const agentId = textOf(expectOk(await mutate(server.baseUrl, 'agents.create', agent, { token })), 'id')
  const order: RunOrder = { parks, projectId, title }
  const start = async () => {
    const input = { agentId, input: JSON.stringify(order) }
    return textOf(expectOk(await mutate(server.baseUrl, 'agents.run', input, { token })), 'runId')
  }
  return { projectId, title, start }
}

const tasks = (title: string) => server.database.prisma.task.count({ where: { title } })

async function spoken(runId: string, step: number): Promise<void> {
  await until(
    `step ${step} has text`,
    async () => {
      const where = { runId_position: { runId, position: step } }
      const row = await server.database.prisma.agentStep.findUnique({ where })
      return row === null || row.text === '' ? undefined : true
    },
    RESCUE_MS,
  )
}

async function ended(runId: string) {
  return await until(
    'the run ends',
    async () => {
      const run = await server.database.prisma.agentRun.findUniqueOrThrow({
        where: { id: runId },
        include: { calls: true, turns: true },
      })
      return run.finishedAt === null ? undefined : run
    },
    RESCUE_MS,
  )
}

/** Everything a run did, it did once; every call of the model is paid. */
async function expectOnce(runId: string, title: string, asked: number): Promise<void> {
  const run = await ended(runId)
  expect(run).toMatchObject({ state: 'succeeded', result: 'All is done.', steps: 2 })
  expect(run.calls.map(({ state }) => state)).toEqual(['done'])
  expect(await tasks(title)).toBe(1)
  const events = await server.database.prisma.event.findMany({
    where: { stream: `agent-run:${runId}` },
    orderBy: { id: 'asc' },
  })
  const count = (type: string) => events.filter((event) => event.type === type).length
  expect([count('tool_call'), count('tool_result'), count('finished')]).toEqual([1, 1, 1])
  expect(count('step')).toBe(asked)
  const bills = await server.database.prisma.usageEntry.findMany({ where: { runId } })
  expect(bills.map(({ state }) => state)).toEqual(Array.from({ length: asked }, () => 'settled'))
  const tokens = bills.reduce((sum, bill) => sum + bill.outputTokens, 0)
  expect(run.outputTokens).toBe(tokens)
}

/** Holds a row until told. */
async function hold(table: 'projects' | 'agent_runs', id: string) {
  const client = new pg.Client({ connectionString: server.database.connectionString })
  await client.connect()
  await client.query('BEGIN')
  await client.query(`SELECT id FROM ${table} WHERE id = $1 FOR UPDATE`, [id])
  return async () => {
    await client.query('ROLLBACK')
    await client.end()
  }
}

async function proposed(runId: string): Promise<void> {
  await until('the call is proposed', async () => {
    const call = await server.database.prisma.agentCall.findFirst({ where: { runId, state: 'proposed' } })
    return call === null ? undefined : true
  })
}

test('runs of a killed worker go on within 30 s, repeat no call, and pay for what was said', async () => {
  await using doomed = await startWorker(true)
  const speaking = await begin('first')
  const answering = await begin('second')
  const first = await speaking.start()
  const second = await answering.start()
  await spoken(first, 1)
  await spoken(second, 2)

  // Rows are held so that the worker dies with its tool's change not committed, and committed but not written down.
  const isServer = databaseKind() === 'postgres'
  const [uncommitted, unwritten] = [await begin('never'), await begin('never')]
  const releases: (() => Promise<void>)[] = []
  const held: [string, string][] = []
  if (isServer) {
    releases.push(await hold('projects', uncommitted.projectId))
    const letGo = await hold('projects', unwritten.projectId)
    for (const one of [uncommitted, unwritten]) held.push([await one.start(), one.title])
    for (const [runId] of held) await proposed(runId)
    const [, [runId, title] = ['', '']] = held
    releases.push(await hold('agent_runs', runId))
    await letGo()
    await until('the task is there', async () => ((await tasks(title)) === 1 ? true : undefined))
    expect(await tasks(uncommitted.title)).toBe(0)
  }
  await using _rescuer = await startWorker(false)
  doomed.child.kill('SIGKILL')
  for (const release of releases) await release()
  const since = performance.now()
  await expectOnce(first, speaking.title, 3)
  await expectOnce(second, answering.title, 3)
  for (const [runId, title] of held) await expectOnce(runId, title, 2)
  expect(performance.now() - since).toBeLessThan(RESCUE_MS)
})

test('a worker that was stopped and goes on after another took its run writes nothing', async () => {
  await using zombie = await startWorker(true)
  const order = await begin('first')
  const runId = await order.start()
  await spoken(runId, 1)
  zombie.child.kill('SIGSTOP')
  await using _rescuer = await startWorker(false)
  await expectOnce(runId, order.title, 3)
  zombie.child.kill('SIGCONT')
  await zombie.said('aborted')
  await expectOnce(runId, order.title, 3)
})
