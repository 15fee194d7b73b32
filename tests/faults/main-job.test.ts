import { expect, test } from 'vitest'
import { MAIN_JOB_FAULTS } from './faults.ts'
import { startFleet } from './machine/fleet.ts'
import { requirePrograms } from './machine/programs.ts'
import { describeMainJob, runMainJob } from './main-job/main-job.ts'

/** `npm run faults -- --main-job` is the same with a hundred clients and more time. */
test('users of the packed client lose nothing while processes are killed and restarted', async () => {
  await using fleet = await startFleet({ programs: requirePrograms() })
  const result = await runMainJob({
    fleet,
    faults: MAIN_JOB_FAULTS.slice(0, 3),
    calmMs: 1_000,
    crews: 2,
    membersPerCrew: 10,
    pauseMs: [50, 350],
    seed: 1,
    say: () => undefined,
  })
  process.stdout.write(`\n${describeMainJob(result).join('\n')}\n`)
  expect(result.findings).toEqual({ lost: [], duplicated: [], wrong: [] })
  expect(result.operations.length).toBeGreaterThan(100)
  expect(result.deliveryMs.length).toBeGreaterThan(1_000)
})
