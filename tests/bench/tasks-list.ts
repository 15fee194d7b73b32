import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { registerPeople } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { type Contender, describeRounds, measureRounds, type Round } from './support/rounds.ts'
import { requireSameAnswers } from './support/same-answers.ts'
import { rounded } from './support/statistics.ts'
import { insertProjects } from './support/tasks.ts'
import { startUsualServer } from './support/usual-server.ts'

/** So many that nobody reaches the limit of 600 reads in 10 seconds. */
const PEOPLE = 96
const WANTED = 2

/** Plinth and the usual server on one database, loaded in turns in one run. */
export const tasksList: Bench = {
  summary: '20 tasks of a project, side by side with Express + tRPC + Prisma put together the usual way',
  run,
}

async function run({ quick }: BenchOptions): Promise<Report> {
  await using database = await createBenchDatabase()
  // The cheapest hash that production allows: only registering waits for it, and that is not measured.
  await using plinth = await startPlinth({ databaseUrl: database.url, variables: { BCRYPT_COST: '10' } })
  const people = await registerPeople(plinth.baseUrl, PEOPLE)
  const projects = await insertProjects(database.client, people)
  await using usual = await startUsualServer(database.url, people)

  const paths = projects.map((projectId) => {
    const input = encodeURIComponent(JSON.stringify({ projectId, limit: 20 }))
    return `/trpc/tasks.list?input=${input}`
  })
  const contender = (name: string, server: typeof plinth, tokens: readonly string[]): Contender => ({
    name,
    server,
    requests: paths.map((path, index) => ({
      path,
      headers: { authorization: `Bearer ${tokens[index] ?? ''}` },
    })),
  })
  const ours = contender(
    'Plinth',
    plinth,
    people.map(({ token }) => token),
  )
  const theirs = contender('Express + tRPC + Prisma', usual.server, usual.tokens)
  await requireSameAnswers(ours, theirs)
  const rounds = await measureRounds(
    [ours, theirs],
    quick ? { rounds: 2, seconds: 2 } : { rounds: 5, seconds: 6 },
  )
  return reportOf(rounds)
}

function reportOf(rounds: readonly Round[]): Report {
  const { table, medians } = describeRounds(rounds)
  const [ours, theirs] = medians
  if (ours === undefined || theirs === undefined) throw new Error('Two servers were to be measured')
  const speed = ours.perSecond / theirs.perSecond
  const processor = theirs.processorMs / ours.processorMs
  return {
    tables: [table],
    notes: [
      `Processor time per request: the usual server takes ${processor.toFixed(2)} times as much.`,
      'Plinth writes its log, counts limits and checks revocation; the usual server does none of these.',
    ],
    targets: [
      {
        name: 'requests per second',
        wanted: `at least ${WANTED} times the usual server's`,
        measured: `${speed.toFixed(2)} times`,
        met: speed >= WANTED,
      },
    ],
    data: { rounds, medians, speed: rounded(speed, 3), processor: rounded(processor, 3) },
  }
}
