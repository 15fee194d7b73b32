import { setTimeout as delay } from 'node:timers/promises'
import { mutate, query } from '../support/http.ts'
import type { Bench, BenchOptions, Report } from './bench.ts'
import { createBenchDatabase } from './support/database.ts'
import {
  EVENT_LOOP_PRELOAD,
  type EventLoopReading,
  readEventLoop,
  resetEventLoop,
} from './support/event-loop.ts'
import { from, type Person, registerPeople, succeeded } from './support/people.ts'
import { startPlinth } from './support/plinth.ts'
import { type ProbeResult, probe } from './support/probe.ts'
import { median, percentile, rounded } from './support/statistics.ts'
import { insertProjects } from './support/tasks.ts'

const LOGINS = 50
const PROBES_PER_SECOND = 40
const LOOP_TARGET_MS = 250
/** How many times as long a call may take during the storm as before, at the 99th percentile. */
const SLOWER_TARGET = 3

/** Fifty people log in at the same moment while somebody else works. */
export const loginStorm: Bench = {
  summary: `${LOGINS} parallel log-ins while tasks.list is called ${PROBES_PER_SECOND} times a second`,
  run,
}

interface Storm {
  readonly answered: number
  readonly refused: readonly string[]
  readonly tookMs: number
  readonly loginMs: readonly number[]
  readonly probe: ProbeResult
  readonly loop: EventLoopReading
}

async function run({ quick }: BenchOptions): Promise<Report> {
  await using database = await createBenchDatabase()
  await using server = await startPlinth({ databaseUrl: database.url, preload: EVENT_LOOP_PRELOAD })
  const people = await registerPeople(server.baseUrl, LOGINS + 1)
  const [worker, ...crowd] = people
  const [projectId] = await insertProjects(database.client, people)
  if (worker === undefined) throw new Error('Nobody was registered')
  const listTasks = async () =>
    succeeded(await query(server.baseUrl, 'tasks.list', { projectId, limit: 20 }, { token: worker.token }))

  const calm = await probe(listTasks, PROBES_PER_SECOND, delay(quick ? 2_000 : 5_000))
  const storms: Storm[] = []
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    resetEventLoop(server.child)
    const logins = logInAll(server.baseUrl, crowd)
    const during = await probe(listTasks, PROBES_PER_SECOND, logins)
    storms.push({ ...(await logins), probe: during, loop: await readEventLoop(server.child) })
  }
  return reportOf(calm, storms)
}

async function logInAll(
  baseUrl: string,
  crowd: readonly Person[],
): Promise<Pick<Storm, 'answered' | 'refused' | 'tookMs' | 'loginMs'>> {
  const began = performance.now()
  const loginMs: number[] = []
  const outcomes = await Promise.all(
    crowd.map(async (person) => {
      const { email, password } = person
      const answer = await mutate(baseUrl, 'auth.login', { email, password }, { headers: from(person) })
      loginMs.push(performance.now() - began)
      return answer.status === 200 ? 'OK' : (answer.error?.code ?? String(answer.status))
    }),
  )
  const refused = outcomes.filter((outcome) => outcome !== 'OK')
  return { answered: crowd.length - refused.length, refused, tookMs: performance.now() - began, loginMs }
}

function reportOf(calm: ProbeResult, storms: readonly Storm[]): Report {
  const worst = Math.max(...storms.map(({ loop }) => loop.longestDelayMs))
  const slower = median(storms.map((storm) => storm.probe.p99Ms)) / calm.p99Ms
  const refused = new Set(storms.flatMap((storm) => storm.refused))
  return {
    tables: [
      {
        title: 'tasks.list meanwhile',
        columns: ['when', 'calls', 'p50 ms', 'p99 ms', 'max ms'],
        rows: [
          probeRow('before', calm),
          ...storms.map((storm, round) => probeRow(`storm ${round + 1}`, storm.probe)),
        ],
      },
      {
        title: `${LOGINS} log-ins at once`,
        columns: [
          'storm',
          'logged in',
          'over after s',
          'log-ins/s',
          'p50 s',
          'longest loop delay ms',
          'longest own work ms',
        ],
        rows: storms.map((storm, round) => [
          round + 1,
          storm.answered,
          rounded(storm.tookMs / 1_000, 1),
          rounded((storm.answered * 1_000) / storm.tookMs, 1),
          rounded(percentile(storm.loginMs, 0.5) / 1_000, 1),
          rounded(storm.loop.longestDelayMs, 0),
          rounded(storm.loop.longestWorkMs, 0),
        ]),
      },
    ],
    notes: [
      'The loop is late by its own work, or because the machine gave its processor to others.',
      ...(refused.size === 0 ? [] : [`Some log-ins were refused: ${[...refused].join(', ')}.`]),
    ],
    targets: [
      {
        name: 'longest event-loop delay',
        wanted: `at most ${LOOP_TARGET_MS} ms`,
        measured: `${Math.round(worst)} ms`,
        met: worst <= LOOP_TARGET_MS,
      },
      {
        name: 'p99 of tasks.list in the middle storm',
        wanted: `at most ${SLOWER_TARGET} times as before`,
        measured: `${rounded(slower, 1)} times`,
        met: slower <= SLOWER_TARGET,
      },
    ],
    data: { calm, storms },
  }
}

function probeRow(when: string, { calls, medianMs, p99Ms, maxMs }: ProbeResult): (string | number)[] {
  return [when, calls, medianMs, p99Ms, maxMs]
}
