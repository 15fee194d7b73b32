import type { Round } from '../support/rounds.ts'
import { median } from '../support/statistics.ts'
import { OURS } from './all-peers.ts'
import type { Work } from './works.ts'

/** The median of several rounds, and between what they lay. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** What was measured of one server at one work. */
export interface Result {
  readonly work: Work
  readonly server: string
  readonly perSecond: Figure
  readonly medianMs: Figure
  readonly p99Ms: Figure
  /** Processor time per request, or per delivery of an event. */
  readonly processorMs: Figure
  readonly memoryMb: Figure
  /** Database round trips of a warm request; left out for events. */
  readonly roundTrips?: number
  /** Divided by ours; left out when ours was not measured. */
  readonly ratios?: { readonly perSecond: number; readonly processorMs: number }
}

/** The rounds of one work as figures, a result for each server in the order they were measured. */
export function resultsOf(
  work: Work,
  rounds: readonly Round[],
  roundTrips: (server: string) => number | undefined,
): Result[] {
  const names = [...new Set(rounds.map(({ name }) => name))]
  const results = names.map((server): Result => {
    const own = rounds.filter(({ name }) => name === server)
    const trips = roundTrips(server)
    return {
      work,
      server,
      perSecond: figureOf(own.map(({ perSecond }) => perSecond)),
      medianMs: figureOf(own.map(({ medianMs }) => medianMs)),
      p99Ms: figureOf(own.map(({ p99Ms }) => p99Ms)),
      processorMs: figureOf(own.map(({ processorMs }) => processorMs)),
      memoryMb: figureOf(own.map(({ memoryMb }) => memoryMb)),
      ...(trips === undefined ? {} : { roundTrips: trips }),
    }
  })
  const ours = results.find(({ server }) => server === OURS)
  if (ours === undefined) return results
  return results.map((result) => ({
    ...result,
    ratios: {
      perSecond: result.perSecond.median / ours.perSecond.median,
      processorMs: result.processorMs.median / ours.processorMs.median,
    },
  }))
}

function figureOf(values: readonly number[]): Figure {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
