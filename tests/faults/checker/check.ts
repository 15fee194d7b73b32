import type { Operation } from '../workload/operation-log.ts'
import type { Watched, WatchedEvent } from '../workload/watchers.ts'
import type { CounterFinding, Evidence } from './evidence.ts'

/** What must be empty, each finding in words. */
export interface Findings {
  /** Acknowledged and not there, or an event that a watcher never saw. */
  readonly lost: readonly string[]
  /** There, or told, more than once. */
  readonly duplicated: readonly string[]
  /** Everything else that must not be. */
  readonly wrong: readonly string[]
}

/** Refusals that a correct server gives this workload. */
const EXPECTED_REFUSALS = new Set(['VERSION_CONFLICT', 'TOO_MANY_REQUESTS'])

/** Holds what clients were told against what is there. */
export function check(evidence: Evidence): Findings {
  const lost: string[] = []
  const duplicated: string[] = []
  const wrong: string[] = [...evidence.complaints]
  checkOperations(evidence, lost, duplicated, wrong)
  for (const counter of evidence.counters) wrong.push(...counterFaults(counter))
  wrong.push(...gapsIn(evidence.stream))
  for (const watcher of evidence.watched) checkWatcher(watcher, evidence.stream, { lost, duplicated, wrong })
  return { lost, duplicated, wrong }
}

function checkOperations(
  { operations, effects }: Evidence,
  lost: string[],
  duplicated: string[],
  wrong: string[],
): void {
  const asked = new Set<string>()
  for (const operation of operations) {
    for (const effect of operation.effects) {
      asked.add(effect)
      const found = effects.get(effect) ?? 0
      if (found > 1) duplicated.push(`${found} × "${effect}"`)
      if (operation.last === 'ok' && found === 0) lost.push(`"${effect}" of ${name(operation)}`)
      if (operation.last === 'refused' && found > 0) wrong.push(`"${effect}" although ${name(operation)}`)
    }
    if (operation.last === 'unknown') wrong.push(`${name(operation)}: nobody could tell its outcome`)
    if (operation.last === 'refused' && !EXPECTED_REFUSALS.has(operation.code)) {
      wrong.push(`${name(operation)}, which nothing justifies`)
    }
  }
  for (const [effect, found] of effects) {
    if (!asked.has(effect)) wrong.push(`${found} × "${effect}", which nobody asked for`)
  }
}

function name({ op, kind, last, code }: Operation): string {
  return `${kind} ${op} was ${last} (${code})`
}

/** A number that is there twice, or left out, is an update that was lost. */
function counterFaults({ name, history, now }: CounterFinding): string[] {
  const expected = history.map((_, index) => index + 1)
  const faults: string[] = []
  if (history.join() !== expected.join()) faults.push(`${name} went ${history.join(', ')}`)
  if (now !== history.length) faults.push(`${name} is ${now} after ${history.length} updates`)
  return faults
}

function gapsIn(stream: readonly WatchedEvent[]): string[] {
  return stream.flatMap(({ id }, index) =>
    id === String(index + 1) ? [] : [`event ${id} stands where ${index + 1} should`],
  )
}

function checkWatcher(
  { watcher, events, ended }: Watched,
  stream: readonly WatchedEvent[],
  into: { lost: string[]; duplicated: string[]; wrong: string[] },
): void {
  if (ended !== undefined) into.wrong.push(`${watcher} was sent away: ${ended}`)
  const seen = new Map<string, number>()
  for (const { id } of events) seen.set(id, (seen.get(id) ?? 0) + 1)
  const missing = stream.filter(({ id }) => !seen.has(id))
  if (missing.length > 0)
    into.lost.push(`${watcher} did not see ${missing.length} events, first ${missing[0]?.id}`)
  const repeated = [...seen].filter(([, times]) => times > 1)
  if (repeated.length > 0) {
    into.duplicated.push(`${watcher} saw ${repeated.length} events again, first ${repeated[0]?.[0]}`)
  }
  const backwards = events.findIndex((event, index) => {
    const before = events[index - 1]
    return before !== undefined && Number(event.id) < Number(before.id)
  })
  if (backwards > 0) into.wrong.push(`${watcher} saw event ${events[backwards]?.id} too late`)
  const kept = new Map(stream.map((event) => [event.id, summary(event)]))
  const other = events.find((event) => kept.get(event.id) !== summary(event))
  if (other !== undefined) into.wrong.push(`${watcher} saw another event ${other.id} than is kept`)
}

function summary({ type, taskId, version }: WatchedEvent): string {
  return `${type} ${taskId} ${version}`
}
