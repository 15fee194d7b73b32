import { isDeepStrictEqual } from 'node:util'
import { field } from '../support/http.ts'
import { createWorld } from '../support/world.ts'
import type { Bench, BenchOptions, Report, Target } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import { from, type Person, registerPeople } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { type Contender, describeRounds, measureRounds, type Round } from './support/rounds.ts'
import { rounded } from './support/statistics.ts'
import { insertProjects } from './support/tasks.ts'

/** So many that nobody reaches the limit of 600 reads in 10 seconds. */
const PEOPLE = 240
const WANTED = 1.1

/** The same procedures over REST and over tRPC on one server, loaded in turns in one run. */
export const restCalls: Bench = {
  summary: 'tasks.list and tasks.get over REST, side by side with tRPC on the same server',
  run,
}

/** A procedure's address over each of the two. */
interface Addresses {
  readonly trpc: string
  readonly rest: string
}

const addresses = {
  'tasks.list': (projectId: string): Addresses => ({
    trpc: `/trpc/tasks.list?input=${encodeURIComponent(JSON.stringify({ projectId, limit: 20 }))}`,
    rest: `/api/v1/projects/${projectId}/tasks?limit=20`,
  }),
  'tasks.get': (id: string): Addresses => ({
    trpc: `/trpc/tasks.get?input=${encodeURIComponent(JSON.stringify({ id }))}`,
    rest: `/api/v1/tasks/${id}`,
  }),
} as const
type Procedure = keyof typeof addresses
const procedures: readonly Procedure[] = ['tasks.list', 'tasks.get']

async function run({ quick }: BenchOptions): Promise<Report> {
  await using database = await createBenchDatabase()
  await using plinth = await startPlinth({ databaseUrl: database.url, variables: { BCRYPT_COST: '10' } })
  const people = await registerPeople(plinth.baseUrl, PEOPLE)
  const projects = await insertProjects(database.client, people)
  const { rows } = await database.client.query<{ project: string; task: string }>(
    'SELECT project_id AS project, min(id::text) AS task FROM tasks GROUP BY project_id',
  )
  const tasks = new Map(rows.map(({ project, task }) => [project, task]))
  const ids = { 'tasks.list': projects, 'tasks.get': projects.map((project) => tasks.get(project) ?? '') }
  const contenders = procedures.flatMap((procedure) =>
    (['trpc', 'rest'] as const).map(
      (surface): Contender => ({
        name: `${procedure} over ${surface}`,
        server: plinth,
        requests: ids[procedure].map((id, index) => ({
          path: addresses[procedure](id)[surface],
          headers: headersOf(people[index]),
        })),
      }),
    ),
  )
  await requireSame(contenders)
  const rounds = await measureRounds(
    contenders,
    quick ? { rounds: 3, seconds: 2 } : { rounds: 5, seconds: 6 },
  )
  return reportOf(rounds, await roundTrips())
}

function headersOf(person: Person | undefined): Record<string, string> {
  if (person === undefined) throw new Error('There are fewer people than projects')
  return { authorization: `Bearer ${person.token}`, ...from(person) }
}

/** @throws Error unless both surfaces of a procedure answer the first request with the same data */
async function requireSame(contenders: readonly Contender[]): Promise<void> {
  const answers = await Promise.all(
    contenders.map(async ({ server, requests: [request] }) => {
      if (request === undefined) throw new Error('There is nothing to ask')
      const response = await fetch(server.baseUrl + request.path, { headers: request.headers })
      if (response.status !== 200) throw new Error(`${request.path}: ${response.status}`)
      const body: unknown = await response.json()
      return field(field(body, 'result'), 'data') ?? body
    }),
  )
  for (let index = 0; index < answers.length; index += 2) {
    if (!isDeepStrictEqual(answers[index], answers[index + 1]))
      throw new Error(`${contenders[index]?.name ?? ''} and REST answer differently`)
  }
}

/** Statements of one warm call, per procedure and surface; the server says so only in the test environment. */
async function roundTrips(): Promise<Record<Procedure, Record<keyof Addresses, string>>> {
  await using world = await createWorld()
  const { alpha, principals, server } = world
  const headers = { authorization: `Bearer ${principals.viewer.token ?? ''}` }
  const count = async (path: string): Promise<string> => {
    const timing = async () => (await fetch(server.baseUrl + path, { headers })).headers.get('server-timing')
    // The first call of a session looks it up.
    await timing()
    return /db;desc="(\d+) round trips"/.exec((await timing()) ?? '')?.[1] ?? 'unknown'
  }
  const both = async ({ trpc, rest }: Addresses) => ({ trpc: await count(trpc), rest: await count(rest) })
  return {
    'tasks.list': await both(addresses['tasks.list'](alpha.projectId)),
    'tasks.get': await both(addresses['tasks.get'](alpha.taskId)),
  }
}

function reportOf(rounds: readonly Round[], trips: Awaited<ReturnType<typeof roundTrips>>): Report {
  const { table, medians } = describeRounds(rounds)
  const processorOf = (name: string) =>
    medians.find((round) => round.name === name)?.processorMs ?? Number.NaN
  const targets = procedures.map((procedure): Target => {
    const ratio = processorOf(`${procedure} over rest`) / processorOf(`${procedure} over trpc`)
    return {
      name: `${procedure}: processor time over REST`,
      wanted: `at most ${WANTED} times that over tRPC`,
      measured: `${rounded(ratio, 3)} times`,
      met: ratio <= WANTED,
    }
  })
  const notes = procedures.map(
    (procedure) =>
      `${procedure}: round trips ${trips[procedure].rest} over REST, ${trips[procedure].trpc} over tRPC.`,
  )
  return { tables: [table], notes, targets, data: { rounds, medians, trips } }
}
