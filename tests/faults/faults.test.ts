import * as sdk from '@plinth/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FAULTS } from './faults.ts'
import { type Fleet, startFleet } from './machine/fleet.ts'
import { requirePrograms } from './machine/programs.ts'
import { tableOf } from './report.ts'
import { type RoundResult, roundsOf, runRound } from './round.ts'

/**
 * One round of each fault keeps all tests under twenty minutes on two processors. `npm run faults -- --quick --seeds 3`
 * takes five minutes more; `--seeds 20` without `--quick` lets each fault last as long as it should.
 */
const SEEDS = [1]
/** What has a smaller test in `tests/security` (rolling restart, database gone, Redis gone, log-in, sick providers). */
const BY_COMMAND = new Set(['F5', 'F7', 'F11', 'F12', 'F13', 'F15', 'F19'])

const results: RoundResult[] = []
let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet({ programs: requirePrograms() })
})
afterAll(async () => {
  process.stdout.write(`\n${tableOf(results)}\n`)
  await fleet[Symbol.asyncDispose]()
})

test.each(FAULTS.filter(({ id }) => !BY_COMMAND.has(id)))(
  '$id: nothing is lost, doubled or wrong: $title',
  async (fault) => {
    for (const [index, seeds] of roundsOf(fault, SEEDS).entries()) {
      const result = await runRound({ sdk, fleet, fault, seeds, pace: 'quick', patient: index === 0 })
      results.push(result)
      expect(result.findings, `seed ${seeds.join()}`).toEqual({ lost: [], duplicated: [], wrong: [] })
      expect(result.operations.length).toBeGreaterThan(20)
    }
  },
)
