import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { type FloodOutcome, flood } from './support/flood.ts'
import { registerPeople } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { rounded } from './support/statistics.ts'
import { insertProjects } from './support/tasks.ts'

/** So many that nobody reaches a limit of their own. */
const PEOPLE = 120
const PEAK_CONNECTIONS = 64
const FLOOD_CONNECTIONS = 600
const TIMES_CAPACITY = 3

/** Three times what the server can do: what is done, what is refused, and how fast. */
export const overload: Bench = {
  summary: `${TIMES_CAPACITY} times the load the server can bear: 20 tasks of a project`,
  run,
}

async function run({ quick }: BenchOptions): Promise<Report> {
  await using database = await createBenchDatabase()
  await using plinth = await startPlinth({ databaseUrl: database.url, variables: { BCRYPT_COST: '10' } })
  const people = await registerPeople(plinth.baseUrl, PEOPLE)
  const projects = await insertProjects(database.client, people)
  const requests = projects.map((projectId, index) => ({
    path: `/trpc/tasks.list?input=${encodeURIComponent(JSON.stringify({ projectId, limit: 20 }))}`,
    headers: { authorization: `Bearer ${people[index]?.token ?? ''}` },
  }))
  const { baseUrl } = plinth
  const seconds = quick ? 4 : 20
  const atPeak = { baseUrl, requests, connections: PEAK_CONNECTIONS, seconds }
  await flood({ ...atPeak, seconds: quick ? 3 : 6 })
  const peak = await flood(atPeak)
  const perSecond = Math.round((TIMES_CAPACITY * peak.accepted.count) / peak.seconds)
  const flooded = await flood({ baseUrl, requests, connections: FLOOD_CONNECTIONS, seconds, perSecond })
  const after = await flood(atPeak)
  return reportOf({ peak, flooded, after })
}

function reportOf(rounds: Record<'peak' | 'flooded' | 'after', FloodOutcome>): Report {
  const { peak, flooded } = rounds
  const rate = (outcome: FloodOutcome) => outcome.accepted.count / outcome.seconds
  const share = rate(flooded) / rate(peak)
  return {
    tables: [
      {
        title: 'Answers',
        columns: ['round', 'done/s', 'p50 ms', 'p99 ms', 'refused/s', 'p50 ms', 'p99 ms', 'other'],
        rows: Object.entries(rounds).map(([name, { accepted, shed, others, seconds }]) => [
          name,
          Math.round(accepted.count / seconds),
          rounded(accepted.medianMs, 1),
          rounded(accepted.p99Ms, 1),
          Math.round(shed.count / seconds),
          rounded(shed.medianMs, 1),
          rounded(shed.p99Ms, 1),
          others,
        ]),
      },
    ],
    notes: ['The process that makes the load shares the machine with the server and its database.'],
    targets: [
      {
        name: 'useful work under three times the load',
        wanted: 'at least 80 % of the peak',
        measured: `${Math.round(share * 100)} %`,
        met: share >= 0.8,
      },
      {
        name: 'p99 of what is done',
        wanted: 'less than 2,000 ms',
        measured: `${Math.round(flooded.accepted.p99Ms)} ms`,
        met: flooded.accepted.p99Ms < 2_000,
      },
      {
        name: 'median of a refusal',
        wanted: 'less than 50 ms',
        measured: `${Math.round(flooded.shed.medianMs)} ms`,
        met: flooded.shed.count > 0 && flooded.shed.medianMs < 50,
      },
    ],
    data: rounds,
  }
}
