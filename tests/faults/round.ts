import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../support/until.ts'
import { check, type Findings } from './checker/check.ts'
import { collect } from './checker/collect.ts'
import type { Span } from './checker/evidence.ts'
import { untilJobsAreDone } from './checker/jobs.ts'
import { recoveryAfter, type Timeline, timelineOf } from './checker/timeline.ts'
import type { Fleet } from './machine/fleet.ts'
import { complaintsOf } from './machine/member.ts'
import type { Fault, Stage } from './nemesis/fault.ts'
import { randomFrom } from './random.ts'
import { startCrew } from './workload/crew.ts'
import { type Attempt, createObserver } from './workload/observer.ts'
import { type Operation, readOperations } from './workload/operation-log.ts'
import { registerPerson } from './workload/people.ts'
import { startRefresher } from './workload/refresher.ts'
import type { Sdk } from './workload/sdk.ts'

/** One fault at one seed, or at several that share a round. */
export interface RoundOptions {
  readonly sdk: Sdk
  readonly fleet: Fleet
  readonly fault: Fault
  readonly seeds: readonly number[]
  readonly pace: Stage['pace']
  readonly patient: boolean
}

/** What came of a round. */
export interface RoundResult {
  readonly fault: Fault
  readonly seeds: readonly number[]
  readonly notes: readonly string[]
  readonly operations: readonly Operation[]
  readonly findings: Findings
  readonly timeline: Timeline
}

/** Operations that must have been done before anything breaks. */
const WARM_UP = 20
/** Whoever is not well by then does not get well by himself. */
const RECOVERY_LIMIT_MS = 30_000
/** Everything that is under way must have come to rest by then. */
const QUIET_LIMIT_MS = 60_000
let rounds = 0
/** Jobs that had to end badly; their rows are still there in later rounds. */
const dead = new Set<string>()

/** Which seeds share a round. */
export function roundsOf(fault: Fault, seeds: readonly number[]): readonly (readonly number[])[] {
  return fault.together === true ? [seeds] : seeds.map((seed) => [seed])
}

/** Works, breaks, waits until all is well and quiet, and checks. */
export async function runRound({
  sdk,
  fleet,
  fault,
  seeds,
  pace,
  patient,
}: RoundOptions): Promise<RoundResult> {
  rounds += 1
  const observer = createObserver()
  const place = { sdk, baseUrl: fleet.baseUrl, fetch: observer.fetch }
  const refresher = await registerPerson(place, 'refresher')
  const crew = await startCrew({
    ...place,
    name: `${fault.id.toLowerCase()}r${rounds}`,
    folder: fleet.folder,
    seed: seeds[0] ?? 0,
    superuser: fleet.superuser,
    writers: 8,
    watchers: 2,
    both: 0,
    pauseMs: [10, 90],
    retries: false,
  })
  const { writers, watchers, projectId, counters } = crew
  const refreshing = startRefresher(sdk, refresher)
  const busy = (): true | undefined => (writers.done() >= WARM_UP ? true : undefined)
  await until('the writers are at work', busy, QUIET_LIMIT_MS)

  const complaints: string[] = []
  const notes: string[] = []
  const looks: (() => Promise<void>)[] = []
  const stage = {
    fleet,
    pace,
    patient,
    complain: (text: string) => void complaints.push(text),
    note: (text: string) => void notes.push(text),
    expectDead: (jobId: string) => void dead.add(jobId),
    whenQuiet: (look: () => Promise<void>) => void looks.push(look),
  }
  const from = Date.now()
  for (const seed of seeds) await fault.strike({ ...stage, random: randomFrom(seed) })
  const span: Span = { from, to: Date.now() }
  await waitForRecovery(observer.attempts, span.to)
  await writers.stop()
  await fleet.ready()
  await crew.finish()
  const lostSession = await refreshing.stop()

  const unfinished = await untilJobsAreDone(fleet.postgres, QUIET_LIMIT_MS, dead)
  const found = await collect(fleet, crew.owner.client, { projectId, counters, prefix: crew.name })
  await watchers.upTo(found.stream.at(-1)?.id ?? '0', QUIET_LIMIT_MS)
  watchers.stop()
  for (const look of looks) await look()
  const operations = await readOperations(crew.logFile)
  const timeline = timelineOf(observer.attempts, span)
  const findings = check({
    operations,
    ...found,
    watched: watchers.results(),
    complaints: [
      ...complaints,
      ...unfinished,
      ...found.complaints,
      ...observer.wrongAnswers,
      ...fleet.members.flatMap(complaintsOf),
      ...(lostSession === undefined ? [] : [lostSession]),
      ...[refresher, ...crew.people]
        .filter((one) => one.lostSession())
        .map(({ email }) => `${email} was logged out`),
      ...(timeline.recoverMs === undefined ? ['it never became well again'] : []),
    ],
  })
  return { fault, seeds, notes, operations, findings, timeline }
}

/** Waits until there was a good second; gives up in silence: the checker says so. */
async function waitForRecovery(attempts: readonly Attempt[], since: number): Promise<void> {
  const deadline = Date.now() + RECOVERY_LIMIT_MS
  while (Date.now() < deadline && recoveryAfter(attempts, since) === undefined) await delay(100)
}
