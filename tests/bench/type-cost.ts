import type { Bench, Report } from './bench.ts'
import { brokenTypePromises, measureSdkTypes } from './sdk-types.ts'
import { rounded } from './support/statistics.ts'

/** What the SDK's types cost a consumer's compiler. The counts are tested in tests/e2e. */
export const typeCost: Bench = {
  summary: 'type instantiations of a consumer of 20 procedures, on TypeScript 5.9',
  run,
}

async function run(): Promise<Report> {
  const costs = measureSdkTypes()
  const broken = brokenTypePromises(costs)
  return {
    tables: [
      {
        title: 'A consumer of 20 procedures',
        columns: ['through', 'procedures of the server', 'instantiations', 'memory MiB', 'seconds'],
        rows: costs.map(({ consumer, procedures, instantiations, memoryMb, seconds }) => [
          consumer,
          procedures,
          instantiations,
          memoryMb,
          rounded(seconds, 2),
        ]),
      },
    ],
    targets: [
      {
        name: 'type instantiations',
        wanted: 'under 50,000, and within 5 % of each other whatever the size of the server',
        measured:
          broken.length === 0
            ? `at most ${Math.max(...costs.map((cost) => cost.instantiations))}`
            : broken.join('; '),
        met: broken.length === 0,
      },
    ],
    data: costs,
  }
}
