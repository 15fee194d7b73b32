import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as sdk from '@plinth/client'
import { percentile } from '../../bench/support/statistics.ts'
import { check, type Findings } from '../checker/check.ts'
import { collect } from '../checker/collect.ts'
import { untilJobsAreDone } from '../checker/jobs.ts'
import { type Timeline, timelineOf } from '../checker/timeline.ts'
import type { Fleet } from '../machine/fleet.ts'
import { complaintsOf } from '../machine/member.ts'
import type { Fault, Stage } from '../nemesis/fault.ts'
import { randomFrom } from '../random.ts'
import { type Operation, readOperations } from '../workload/operation-log.ts'
import { startClients } from './clients.ts'
import type { ClientEvidence } from './messages.ts'
import { installPackedSdk } from './packed-sdk.ts'

/** Jobs that are under way must have come to their end by then. */
const QUIET_LIMIT_MS = 60_000

/** How the main job is run. */
export interface MainJobOptions {
  readonly fleet: Fleet
  /** What breaks, one after the other. */
  readonly faults: readonly Fault[]
  /** Quiet work before, between and after, in milliseconds. */
  readonly calmMs: number
  readonly crews: number
  readonly membersPerCrew: number
  /** Of each client between two operations. */
  readonly pauseMs: [number, number]
  readonly seed: number
  /** Told what happens. */
  readonly say: (text: string) => void
}

/** What came of it. */
export interface MainJobResult {
  readonly clients: number
  readonly seconds: number
  readonly operations: readonly Operation[]
  /** Milliseconds an operation took with all the tries of the client package. */
  readonly operationMs: readonly number[]
  readonly requests: number
  /** Milliseconds of single requests that were answered. */
  readonly requestMs: readonly number[]
  /** Events as watchers got them, and the milliseconds from each commit to each watcher. */
  readonly deliveryMs: readonly number[]
  readonly strikes: readonly { readonly fault: Fault; readonly timeline: Timeline }[]
  readonly findings: Findings
}

/**
 * Users of the packed client package work on shared projects and watch them, while processes are killed and restarted;
 * then everything they were told is held against what is there.
 */
export async function runMainJob(options: MainJobOptions): Promise<MainJobResult> {
  const { fleet, say } = options
  say('packing and installing the client package')
  const sdkFile = await installPackedSdk(path.join(fleet.folder, 'consumer'))
  await using clients = await startClients({
    sdkFile,
    baseUrl: fleet.baseUrl,
    superuser: fleet.superuser,
    folder: fleet.folder,
    crews: options.crews,
    membersPerCrew: options.membersPerCrew,
    seed: options.seed,
    pauseMs: options.pauseMs,
  })
  const started = Date.now()
  say(`${options.crews * options.membersPerCrew} clients are working and watching`)
  const complaints: string[] = []
  const looks: (() => Promise<void>)[] = []
  const stage: Stage = {
    fleet,
    random: randomFrom(options.seed),
    pace: 'quick',
    patient: true,
    complain: (text) => void complaints.push(text),
    note: say,
    expectDead: () => undefined,
    whenQuiet: (look) => void looks.push(look),
  }
  const spans: { fault: Fault; from: number; to: number }[] = []
  await delay(options.calmMs)
  for (const fault of options.faults) {
    say(fault.title)
    const from = Date.now()
    await fault.strike(stage)
    spans.push({ fault, from, to: Date.now() })
    await fleet.ready()
    await delay(options.calmMs)
  }
  const seconds = (Date.now() - started) / 1_000
  say('finishing')
  const projects = await clients.finish()
  const evidence = await clients.report(await lastEventsOf(fleet, projects))
  complaints.push(...(await untilJobsAreDone(fleet.postgres, QUIET_LIMIT_MS)))
  for (const look of looks) await look()
  complaints.push(...evidence.complaints, ...fleet.members.flatMap(complaintsOf))

  const checked = await checkCrews(fleet, evidence)
  const strikes = spans.map(({ fault, ...span }, index) => {
    const until = spans[index + 1]?.from ?? Number.POSITIVE_INFINITY
    const own = evidence.attempts.filter(({ from, to }) => to >= span.from && from < until)
    return { fault, timeline: timelineOf(own, span) }
  })
  for (const { fault, timeline } of strikes) {
    if (timeline.recoverMs === undefined) complaints.push(`it never became well again after: ${fault.title}`)
  }
  return {
    clients: options.crews * options.membersPerCrew,
    seconds,
    operations: checked.operations,
    operationMs: checked.operations.map(({ tookMs }) => tookMs),
    requests: evidence.attempts.length,
    requestMs: evidence.attempts.filter(({ status }) => status === 200).map(({ from, to }) => to - from),
    deliveryMs: checked.deliveryMs,
    strikes,
    findings: { ...checked.findings, wrong: [...complaints, ...checked.findings.wrong] },
  }
}

async function lastEventsOf(fleet: Fleet, projects: readonly string[]): Promise<Record<string, string>> {
  const streams = projects.map((projectId) => `project:${projectId}:tasks`)
  const rows = await fleet.postgres.query<{ project: string; last: string }>(
    "SELECT split_part(name, ':', 2) AS project, last_id::text AS last FROM event_streams WHERE name = ANY($1)",
    [streams],
  )
  return Object.fromEntries(rows.map(({ project, last }) => [project, last]))
}

interface Checked {
  readonly operations: Operation[]
  readonly deliveryMs: number[]
  readonly findings: { lost: string[]; duplicated: string[]; wrong: string[] }
}

async function checkCrews(fleet: Fleet, evidence: ClientEvidence): Promise<Checked> {
  const all: Checked = { operations: [], deliveryMs: [], findings: { lost: [], duplicated: [], wrong: [] } }
  for (const { name: prefix, projectId, counters, logFile, owner, watched } of evidence.crews) {
    const reader = sdk.createClient({ baseUrl: fleet.baseUrl })
    await reader.auth.login.mutate(owner)
    const found = await collect(fleet, reader, { projectId, counters, prefix })
    const operations = await readOperations(logFile)
    const seen = watched.map(({ watcher, events, ended }) => ({ watcher, events, ended }))
    const findings = check({ operations, ...found, watched: seen })
    for (const kind of ['lost', 'duplicated', 'wrong'] as const) {
      all.findings[kind].push(...findings[kind].map((text) => `project ${projectId}: ${text}`))
    }
    all.operations.push(...operations)
    const committed = new Map(found.stream.map(({ id, at }) => [id, at]))
    for (const event of watched.flatMap(({ events }) => events)) {
      all.deliveryMs.push(event.at - (committed.get(event.id) ?? event.at))
    }
  }
  return all
}

/** The figures, line by line. */
export function describeMainJob(result: MainJobResult): string[] {
  const { operations, seconds } = result
  const done = operations.filter(({ last }) => last === 'ok').length
  const unknown = operations.filter(({ first }) => first === 'unknown').length
  const spread = (values: readonly number[]): string =>
    `p50 ${Math.round(percentile(values, 0.5))} ms, p99 ${Math.round(percentile(values, 0.99))} ms`
  return [
    `${result.clients} clients for ${Math.round(seconds)} s: ${operations.length} operations, ${done} done (${(done / seconds).toFixed(1)}/s), ${unknown} with an unknown outcome at first`,
    `operations, with all tries: ${spread(result.operationMs)}`,
    `requests: ${result.requests} (${(result.requests / seconds).toFixed(1)}/s), ${spread(result.requestMs)}`,
    `events delivered: ${result.deliveryMs.length} (${(result.deliveryMs.length / seconds).toFixed(1)}/s), ${spread(result.deliveryMs)} after their transaction began`,
    ...result.strikes.map(({ fault, timeline }) => {
      const failures = [...timeline.failures].map(([kind, times]) => `${times} × ${kind}`).join(', ')
      return `  ${fault.title}: failed requests ${failures === '' ? 'none' : failures}; well again after ${timeline.recoverMs ?? '–'} ms`
    }),
  ]
}
