import { expect, test } from 'vitest'
import { handleJob } from '../../../server/src/contract/job.ts'
import { mutate } from '../../support/http.ts'
import { commit, noteJob, rowOf, startWith } from '../../support/jobs.ts'
import { addPerson } from '../../support/people.ts'

const job = noteJob('test.one', { retry: { limit: 0, delaySeconds: 1 } })
const pool = { size: 1, waitMs: 2_000, waiting: 50 }
const account = { email: 'una@example.com', password: 'eleven owls left the old barn', fullName: 'Una' }

test('a process that only queues needs no second connection for a job, from the first one on', async () => {
  const handler = handleJob(job, async ({ payload }) => payload)
  await using server = await startWith([handler], { pool, variables: { PLINTH_ROLE: 'api' } })
  const owner = await addPerson(server)
  const id = await commit(server, (change) => change.enqueue(job, { note: 'x' }), owner.id)
  expect(await mutate(server.baseUrl, 'auth.register', account)).toMatchObject({ status: 200 })
  const cancelled = await mutate(server.baseUrl, 'jobs.cancel', { id }, { token: owner.token })
  expect(cancelled).toMatchObject({ status: 200 })
  expect(await rowOf(server, id)).toMatchObject({ state: 'cancelled' })
})
