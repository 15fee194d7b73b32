import { parseArgs } from 'node:util'
import * as sdk from '@plinth/client'
import { FAULTS, MAIN_JOB_FAULTS } from './faults.ts'
import { startFleet } from './machine/fleet.ts'
import { type Programs, requirePrograms } from './machine/programs.ts'
import { describeMainJob, runMainJob } from './main-job/main-job.ts'
import { explain, isClean, tableOf } from './report.ts'
import { type RoundResult, roundsOf, runRound } from './round.ts'

const DEFAULT_SEEDS = 3

/** `npm run faults -- [--fault F6]… [--seeds 20] [--seed 7] [--quick] [--main-job]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fault: { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string', default: String(DEFAULT_SEEDS) },
      seed: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'main-job': { type: 'boolean', default: false },
    },
  })
  const unknown = values.fault.filter((id) => !FAULTS.some((fault) => fault.id === id))
  if (unknown.length > 0) {
    throw new Error(`There is no fault ${unknown.join(', ')}. Use: ${FAULTS.map(({ id }) => id).join(', ')}.`)
  }
  const programs = requirePrograms()
  const faults = values.fault.length === 0 ? FAULTS : FAULTS.filter(({ id }) => values.fault.includes(id))
  const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)
  const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => firstSeed + index)

  if (values['main-job']) return await mainJob(programs, firstSeed, values.quick)
  const results: RoundResult[] = []
  await using fleet = await startFleet({ programs })
  for (const fault of faults) {
    for (const [index, some] of roundsOf(fault, seeds).entries()) {
      print(`${fault.id} ${fault.title}, seed ${some.join(', ')}`)
      const pace = values.quick ? 'quick' : 'full'
      const patient = pace === 'full' || index === 0
      const result = await runRound({ sdk, fleet, fault, seeds: some, pace, patient })
      results.push(result)
      for (const note of result.notes) print(`  ${note}`)
      for (const line of explain(result)) print(`  ✗ ${line}`)
    }
  }
  print(`\n${tableOf(results)}`)
  if (!results.every(isClean)) process.exitCode = 1
}

async function mainJob(programs: Programs, seed: number, quick: boolean): Promise<void> {
  await using fleet = await startFleet({ programs })
  print(`seed ${seed}`)
  const result = await runMainJob({
    fleet,
    faults: MAIN_JOB_FAULTS,
    calmMs: quick ? 2_000 : 10_000,
    crews: 10,
    membersPerCrew: 10,
    pauseMs: [200, 1_800],
    seed,
    say: print,
  })
  for (const line of describeMainJob(result)) print(line)
  const { lost, duplicated, wrong } = result.findings
  for (const text of [...lost, ...duplicated, ...wrong].slice(0, 50)) print(`✗ ${text}`)
  print(`lost ${lost.length}, duplicated ${duplicated.length}, wrong ${wrong.length}`)
  if (lost.length + duplicated.length + wrong.length > 0) process.exitCode = 1
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main()
