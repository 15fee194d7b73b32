import { countRoundTrips, type RoundTrips } from '../support/round-trips.ts'
import type { Bench, Report } from './bench.ts'

/** How often each procedure goes to the database. The counts are tested in tests/contract/round-trips.test.ts. */
export const roundTrips: Bench = {
  summary: 'database round trips of every procedure, once its session is warm',
  run,
}

async function run(): Promise<Report> {
  process.env.TEST_DATABASE = 'postgres'
  const found = await countRoundTrips()
  const reads = found.filter(({ kind }) => kind === 'query')
  const writes = found.filter(({ kind }) => kind === 'mutation')
  return {
    tables: [
      {
        title: 'Round trips on PostgreSQL',
        columns: [
          'procedure',
          'kind',
          'alone',
          'transactions',
          'statements in them',
          'all, with BEGIN and COMMIT',
        ],
        rows: found.map(rowOf),
      },
    ],
    targets: [
      {
        name: 'reads',
        wanted: '1 each',
        measured: `at most ${Math.max(...reads.map(({ total }) => total))}`,
        met: reads.every(({ total }) => total <= 1),
      },
      {
        name: 'writes',
        wanted: 'one transaction each, of one statement or several',
        measured: `at most ${Math.max(...writes.map(({ transactions }) => transactions))}`,
        met: writes.every(({ transactions }) => transactions <= 1),
      },
    ],
    data: found,
  }
}

function rowOf({ path, kind, alone, transactions, inTransactions, total }: RoundTrips): (string | number)[] {
  return [path, kind, alone, transactions, inTransactions, total]
}
