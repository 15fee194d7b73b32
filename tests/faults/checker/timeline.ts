import { percentile } from '../../bench/support/statistics.ts'
import type { Attempt } from '../workload/observer.ts'
import type { Span } from './evidence.ts'

/** How a fault looked from outside. Times in milliseconds. */
export interface Timeline {
  /** From the first blow to the first failed request that ended; undefined when none failed. */
  readonly detectMs: number | undefined
  /** From the moment the cause was gone to the first second with 99 % good answers; undefined when that never came. */
  readonly recoverMs: number | undefined
  /** Of good answers that came after the first blow. */
  readonly p99Ms: number
  readonly requests: number
  /** How often which failure came: `cut`, `503`, … */
  readonly failures: ReadonlyMap<string, number>
}

const WINDOW_MS = 1_000
const GOOD_SHARE = 0.99
/** Fewer answers prove nothing; where a second has fewer, the next ones count as well. */
const MIN_ANSWERS = 10

/** Reads the timeline of a round from everything its clients sent. */
export function timelineOf(attempts: readonly Attempt[], fault: Span): Timeline {
  const failed = attempts.filter(isFailure)
  const firstFailure = Math.min(...failed.filter(({ to }) => to >= fault.from).map(({ to }) => to))
  const good = attempts.filter((attempt) => !isFailure(attempt) && attempt.to >= fault.from)
  const failures = new Map<string, number>()
  for (const { status } of failed) failures.set(String(status), (failures.get(String(status)) ?? 0) + 1)
  return {
    detectMs: Number.isFinite(firstFailure) ? firstFailure - fault.from : undefined,
    recoverMs: recoveryAfter(attempts, fault.to),
    p99Ms: percentile(
      good.map(({ from, to }) => to - from),
      0.99,
    ),
    requests: attempts.length,
    failures,
  }
}

/** Milliseconds from `moment` to the beginning of the first good second; undefined while there is none. */
export function recoveryAfter(attempts: readonly Attempt[], moment: number): number | undefined {
  const after = attempts.filter(({ to }) => to >= moment).sort((one, other) => one.to - other.to)
  const newest = after.at(-1)?.to ?? moment
  const starts = [moment, ...after.filter(isFailure).map(({ to }) => to + 1)]
  for (const start of starts) {
    if (newest < start + WINDOW_MS) return undefined
    const rest = after.filter(({ to }) => to >= start)
    const window = rest.filter(({ to }, index) => to < start + WINDOW_MS || index < MIN_ANSWERS)
    const good = window.filter((attempt) => !isFailure(attempt)).length
    if (window.length >= MIN_ANSWERS && good / window.length >= GOOD_SHARE) return start - moment
  }
  return undefined
}

function isFailure({ status }: Attempt): boolean {
  return status === 'cut' || status >= 500
}
