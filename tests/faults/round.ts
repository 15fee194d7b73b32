import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../support/until.ts'
import { check, type Findings } from './checker/check.ts'
import { collect } from './checker/collect.ts'
import type { Span } from './checker/evidence.ts'
import { recoveryAfter, type Timeline, timelineOf } from './checker/timeline.ts'
import type { Fleet } from './machine/fleet.ts'
import type { Fault, Stage } from './nemesis/fault.ts'
import { randomFrom } from './random.ts'
import { createObserver, type Observer } from './workload/observer.ts'
import { type Operation, openOperationLog, readOperations } from './workload/operation-log.ts'
import { type Person, registerPeople } from './workload/people.ts'
import { startRefresher } from './workload/refresher.ts'
import type { Sdk } from './workload/sdk.ts'
import { startWatchers } from './workload/watchers.ts'
import { startWriters } from './workload/writers.ts'

/** One fault at one seed. */
export interface RoundOptions {
  readonly sdk: Sdk
  readonly fleet: Fleet
  readonly fault: Fault
  readonly seed: number
  readonly pace: Stage['pace']
}

/** What came of a round. */
export interface RoundResult {
  readonly fault: Fault
  readonly seed: number
  readonly operations: readonly Operation[]
  readonly findings: Findings
  readonly timeline: Timeline
}

const WRITERS = 8
const WATCHERS = 2
const COUNTERS = 3
/** Operations that must have been done before anything breaks. */
const WARM_UP = 20
/** Whoever is not well by then does not get well by himself. */
const RECOVERY_LIMIT_MS = 30_000
/** Everything that is under way must have come to rest by then. */
const QUIET_LIMIT_MS = 60_000
let rounds = 0

/** Works, breaks, waits until all is well and quiet, and checks. */
export async function runRound({ sdk, fleet, fault, seed, pace }: RoundOptions): Promise<RoundResult> {
  const random = randomFrom(seed)
  rounds += 1
  const prefix = `${fault.id.toLowerCase()}r${rounds}`
  const observer = createObserver()
  const names = ['owner', 'refresher', ...numbered('writer', WRITERS), ...numbered('watcher', WATCHERS)]
  const people = await registerPeople({ sdk, baseUrl: fleet.baseUrl, fetch: observer.fetch }, names)
  const [owner, refresher, ...others] = people
  if (owner === undefined || refresher === undefined) throw new Error('Nobody was registered')
  const { projectId, counters } = await prepareProject(owner, others, prefix)

  const logFile = path.join(fleet.folder, `${prefix}.operations`)
  const log = await openOperationLog(logFile)
  const watchers = startWatchers(
    others.slice(WRITERS).map(({ client }) => client),
    projectId,
  )
  const refreshing = startRefresher(sdk, refresher)
  const writers = startWriters({
    sdk,
    log,
    prefix,
    desks: others.slice(0, WRITERS).map(({ client }, index) => ({
      client,
      projectId,
      counters,
      random: randomFrom(seed * 1_000 + index),
      own: [],
    })),
    pauseMs: [10, 90],
    retries: false,
  })
  const busy = (): true | undefined => (writers.done() >= WARM_UP ? true : undefined)
  await until('the writers are at work', busy, QUIET_LIMIT_MS)

  const from = Date.now()
  const own = await fault.strike({ fleet, random, pace })
  const span: Span = { from, to: Date.now() }
  await waitForRecovery(observer, span)
  await writers.stop()
  await fleet.ready()
  await writers.resolve()
  await log.close()
  const lostSession = await refreshing.stop()

  const found = await collect(fleet.postgres, owner.client, projectId, counters)
  await watchers.upTo(found.stream.at(-1)?.id ?? '0', QUIET_LIMIT_MS)
  watchers.stop()
  const operations = await readOperations(logFile)
  const timeline = timelineOf(observer.attempts, span)
  const findings = check({
    operations,
    effects: found.effects,
    counters: found.counters,
    stream: found.stream,
    watched: watchers.results(),
    attempts: observer.attempts,
    complaints: [
      ...own,
      ...found.complaints,
      ...observer.wrongAnswers,
      ...fleet.members.flatMap((member) => [...member.takeUnexpectedEnds(), ...errorsOf(member)]),
      ...(lostSession === undefined ? [] : [lostSession]),
      ...people.filter((person) => person.lostSession()).map(({ email }) => `${email} lost the session`),
      ...(timeline.recoverMs === undefined ? ['it never became well again'] : []),
    ],
    fault: span,
  })
  return { fault, seed, operations, findings, timeline }
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)
}

function errorsOf({ name, takeErrorLines }: { name: string; takeErrorLines(): string[] }): string[] {
  return takeErrorLines().map((line) => `${name} wrote: ${line.slice(0, 500)}`)
}

/** A project with its members and the tasks that are counted up. */
async function prepareProject(
  { client }: Person,
  members: readonly Person[],
  slug: string,
): Promise<{ projectId: string; counters: string[] }> {
  const { id: projectId } = await client.projects.create.mutate({ name: slug, slug })
  for (const { email } of members)
    await client.projects.members.add.mutate({ projectId, email, role: 'editor' })
  const counters: string[] = []
  for (const title of numbered('counter', COUNTERS)) {
    counters.push((await client.tasks.create.mutate({ projectId, title })).id)
  }
  return { projectId, counters }
}

/** Waits until there was a good second; gives up in silence: the checker says so. */
async function waitForRecovery(observer: Observer, span: Span): Promise<void> {
  const deadline = Date.now() + RECOVERY_LIMIT_MS
  while (Date.now() < deadline && recoveryAfter(observer.attempts, span.to) === undefined) await delay(100)
}
