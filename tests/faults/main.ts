import { parseArgs } from 'node:util'
import * as sdk from '@plinth/client'
import { FAULTS } from './faults.ts'
import { startFleet } from './machine/fleet.ts'
import { findPrograms } from './machine/programs.ts'
import { explain, isClean, tableOf } from './report.ts'
import { type RoundResult, runRound } from './round.ts'

const DEFAULT_SEEDS = 3

/** `npm run faults -- [--fault F6]… [--seeds 20] [--seed 7] [--quick]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fault: { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string', default: String(DEFAULT_SEEDS) },
      seed: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const unknown = values.fault.filter((id) => !FAULTS.some((fault) => fault.id === id))
  if (unknown.length > 0) {
    throw new Error(`There is no fault ${unknown.join(', ')}. Use: ${FAULTS.map(({ id }) => id).join(', ')}.`)
  }
  const programs = findPrograms()
  if ('missing' in programs) throw new Error(programs.missing)
  const faults = values.fault.length === 0 ? FAULTS : FAULTS.filter(({ id }) => values.fault.includes(id))
  const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)
  const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => firstSeed + index)

  const results: RoundResult[] = []
  await using fleet = await startFleet({ programs })
  for (const fault of faults) {
    for (const seed of seeds) {
      print(`${fault.id} ${fault.title}, seed ${seed}`)
      const result = await runRound({ sdk, fleet, fault, seed, pace: values.quick ? 'quick' : 'full' })
      results.push(result)
      for (const line of explain(result)) print(`  ✗ ${line}`)
    }
  }
  print(`\n${tableOf(results)}`)
  if (!results.every(isClean)) process.exitCode = 1
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main()
