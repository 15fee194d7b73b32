import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createApplication } from '../../../server/src/app.ts'
import { transaction } from '../../../server/src/platform/database/index.ts'
import { newJob } from '../../../server/src/platform/jobs/new-job.ts'
import { createLogger } from '../../../server/src/platform/logger.ts'
import { testConfig } from '../../support/config.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { exits, kinds, lingers, parks } from './job-kinds.ts'

/** What the issue asks for. */
const RERUN_LIMIT_MS = 30_000

interface Worker extends AsyncDisposable {
  said(line: string, withinMs?: number): Promise<void>
  kill(signal: NodeJS.Signals): void
  readonly exited: Promise<void>
}

async function startWorker({ database }: TestDatabase, names: string): Promise<Worker> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'worker-process.ts'), names], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', DATABASE_URL: database.connectionString },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const worker: Worker = {
    exited,
    kill: (signal) => void child.kill(signal),
    async said(line, withinMs = 30_000) {
      await until(`the worker says "${line}"`, () => output.split('\n').includes(line) || undefined, withinMs)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
  return worker
}

/** A job whose worker dies, in the state `pg-boss` finds it in, is run again soon, and has its effect once. */
test('jobs of killed, stopped and crashing workers: run again within 30 s, one effect each, poison put aside', async () => {
  const db = await createTestDatabase(await reachableKind())
  const { pool } = db.database
  const logger = createLogger({ level: 'silent', format: 'json' })
  const jobHandlers = Object.values(kinds)
  const api = createApplication(testConfig({ PLINTH_ROLE: 'api' }), db.database, { logger, jobHandlers })
  await api.start()
  const put = async (definition: typeof parks, note: string): Promise<string> => {
    const job = newJob(definition, { note })
    const cause = { ownerId: null, traceId: 'test' }
    await transaction(db.database, (tx) => api.runtime.jobs.enqueue(tx, [job], cause))
    return job.id
  }
  const ended = (id: string, withinMs: number) =>
    until(
      `job ${id} has ended`,
      async () => {
        const row = await db.database.prisma.job.findUniqueOrThrow({ where: { id } })
        return row.finishedAt === null ? undefined : row
      },
      withinMs,
    )
  const effects = async (id: string) => {
    const { rows } = await pool.query(
      `SELECT key FROM idempotency_keys WHERE owner = 'effect' AND procedure = $1`,
      [id],
    )
    return rows.map(({ key }) => key)
  }
  try {
    await using doomed = await startWorker(db, 'parks')
    await using zombie = await startWorker(db, 'lingers')
    await using crashing = await startWorker(db, 'exits')
    const points = ['before', 'inside', 'after']
    const parked = new Map<string, string>()
    for (const point of points) parked.set(point, await put(parks, point))
    const lingering = await put(lingers, 'x')
    const poison = await put(exits, 'x')
    for (const [point, id] of parked) await doomed.said(`at ${point} ${id}`)
    await zombie.said(`at linger ${lingering}`)
    await crashing.exited
    await using rescuer = await startWorker(db, 'parks,lingers')
    await rescuer.said('ready')
    await using crashingAgain = await startWorker(db, 'exits')

    doomed.kill('SIGKILL')
    zombie.kill('SIGSTOP')
    const killed = performance.now()
    const took: Record<string, number> = {}
    for (const [point, id] of [...parked, ['stopped', lingering] as const]) {
      const row = await ended(id, RERUN_LIMIT_MS)
      took[point] = Math.round(performance.now() - killed)
      const attempt = point === 'after' ? 1 : 2
      expect(row, point).toMatchObject({
        state: 'succeeded',
        attempt,
        result: { note: `attempt ${attempt}` },
      })
      expect(await effects(id), point).toEqual([String(attempt)])
    }
    process.stderr.write(`jobs of killed workers: done again after ${JSON.stringify(took)} ms\n`)

    zombie.kill('SIGCONT')
    zombie.kill('SIGUSR2')
    await zombie.said(`refused ${lingering} 1`)
    expect(await effects(lingering)).toEqual(['2'])

    await crashingAgain.exited
    expect(await ended(poison, RERUN_LIMIT_MS)).toMatchObject({
      state: 'dead',
      attempt: 2,
      error: 'The worker that did it fell silent.',
    })
  } finally {
    await api.close()
    await db.drop()
  }
})

async function reachableKind() {
  const probe = await createTestDatabase('postgres').catch(() => undefined)
  await probe?.drop()
  return probe === undefined ? 'embedded' : 'postgres'
}
