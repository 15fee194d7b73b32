import { afterAll, beforeAll, expect, test } from 'vitest'
import { handleJob, type JobCall } from '../../../server/src/contract/job.ts'
import { commit, noteJob, reached, startWith } from '../../support/jobs.ts'
import type { TestServer } from '../../support/server.ts'
import { until } from '../../support/until.ts'

type Note = { note: string }

/** Writes its effect in a commit; the first attempt waits for its gate before. */
const effect = noteJob('test.effect')
/** Has no effect in the database. */
const outside = noteJob('test.outside')
/** Waits for an hour after a failure. */
const patient = noteJob('test.patient', { retry: { limit: 1, delaySeconds: 3_600 } })

const gates = new Map<string, PromiseWithResolvers<void>>()
const heard = new Map<string, string[]>()
let server: TestServer

beforeAll(async () => {
  const waitAtGate = async ({ id, attempt }: JobCall<Note, Note>) => {
    heard.set(id, [...(heard.get(id) ?? []), `begins ${attempt}`])
    if (attempt === 1) await gates.get(id)?.promise
  }
  server = await startWith([
    handleJob(effect, async (call) => {
      await waitAtGate(call)
      try {
        return await call.unit.commit(async (change) => {
          change.emit({ stream: `test:${call.id}`, type: 'effect', data: { attempt: call.attempt } })
          change.mail({ recipient: `${call.id}@example.com`, template: 'welcome', data: { name: 'x' } })
          return { note: `attempt ${call.attempt}` }
        })
      } finally {
        heard.set(call.id, [...(heard.get(call.id) ?? []), `ends ${call.attempt}`])
      }
    }),
    handleJob(patient, async (call) => {
      await waitAtGate(call)
      return { note: `attempt ${call.attempt}` }
    }),
    handleJob(outside, async (call) => {
      await waitAtGate(call)
      heard.set(call.id, [...(heard.get(call.id) ?? []), `ends ${call.attempt}`])
      return { note: `attempt ${call.attempt}` }
    }),
  ])
})
afterAll(() => server?.[Symbol.asyncDispose]())

/** Queues a job whose first attempt stands still, and gives it to a second attempt as if its worker had died. */
async function deliveredTwice(job: typeof effect): Promise<string> {
  const later = { startAfter: new Date(Date.now() + 3_600_000) }
  const id = await commit(server, (change) => change.enqueue(job, { note: 'x' }, later))
  gates.set(id, Promise.withResolvers())
  const { pool } = server.database
  await pool.query('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [id])
  await until('the first attempt stands', () => heard.get(id)?.includes('begins 1') || undefined)
  await pool.query(`UPDATE pgboss.job SET state = 'retry' WHERE id = $1`, [id])
  return id
}

/** The events and mails that the attempts at a job left. */
async function effects(id: string) {
  const { event, mailMessage } = server.database.prisma
  const mails = await mailMessage.count({ where: { recipient: `${id}@example.com` } })
  const events = await event.findMany({ where: { stream: `test:${id}` }, select: { data: true } })
  return { mails, events: events.map(({ data }) => data) }
}

test('an attempt that was given up on commits nothing: one effect, of the attempt that holds the job', async () => {
  const id = await deliveredTwice(effect)
  await reached(server, id, ['succeeded'])
  gates.get(id)?.resolve()
  await until('the first attempt ends', () => heard.get(id)?.includes('ends 1') || undefined)
  expect(await effects(id)).toEqual({ mails: 1, events: [{ attempt: 2 }] })
  expect(await reached(server, id, ['succeeded'])).toMatchObject({
    attempt: 2,
    result: { note: 'attempt 2' },
  })
})

test('two attempts that commit at once have one effect', async () => {
  const ids = await Promise.all([1, 2, 3, 4].map(() => deliveredTwice(effect)))
  for (const id of ids) {
    await until('the second attempt begins', () => heard.get(id)?.includes('begins 2') || undefined)
    gates.get(id)?.resolve()
  }
  for (const id of ids) {
    await until('both end', () => (heard.get(id)?.length === 4 ? true : undefined))
    expect(await effects(id)).toEqual({ mails: 1, events: [{ attempt: 2 }] })
    expect(await reached(server, id, ['succeeded'])).toMatchObject({ result: { note: 'attempt 2' } })
  }
})

test('the late result of a lost attempt is not kept either', async () => {
  const id = await deliveredTwice(outside)
  await reached(server, id, ['succeeded'])
  gates.get(id)?.resolve()
  await until('the first attempt ends', () => heard.get(id)?.includes('ends 1') || undefined)
  const { rows } = await server.database.pool.query(
    'SELECT state, retry_count FROM pgboss.job WHERE id = $1',
    [id],
  )
  expect(rows).toEqual([{ state: 'completed', retry_count: 1 }])
  expect(await reached(server, id, ['succeeded'])).toMatchObject({
    attempt: 2,
    result: { note: 'attempt 2' },
  })
})

test('what pg-boss took from a silent worker is said in the job’s row', async () => {
  const later = { startAfter: new Date(Date.now() + 3_600_000) }
  const id = await commit(server, (change) => change.enqueue(effect, { note: 'x' }, later))
  gates.set(id, Promise.withResolvers())
  await server.database.pool.query('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [id])
  await reached(server, id, ['running'])
  // Silent for a minute already.
  await server.database.pool.query(
    `UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute', retry_limit = 0, heartbeat_seconds = 1 WHERE id = $1`,
    [id],
  )
  const row = await reached(server, id, ['dead'], 25_000)
  expect(row.error).toBe('The worker that did it fell silent.')
  gates.get(id)?.resolve()
  await until('the attempt ends', () => heard.get(id)?.includes('ends 1') || undefined)
  expect(await effects(id)).toEqual({ mails: 0, events: [] })
})

test('a job whose worker fell silent is not made to wait as if it had failed', async () => {
  const later = { startAfter: new Date(Date.now() + 3_600_000) }
  const id = await commit(server, (change) => change.enqueue(patient, { note: 'x' }, later))
  gates.set(id, Promise.withResolvers())
  const { pool } = server.database
  await pool.query('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [id])
  await reached(server, id, ['running'])
  await pool.query(
    `UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute', heartbeat_seconds = 1 WHERE id = $1`,
    [id],
  )
  const row = await reached(server, id, ['succeeded'], 25_000)
  expect(row).toMatchObject({ attempt: 2, result: { note: 'attempt 2' } })
  gates.get(id)?.resolve()
})
