import { rounded } from '../support/statistics.ts'
import type { Table } from '../support/table.ts'
import type { Figure, Result } from './figures.ts'
import { WORKS, type Work } from './works.ts'

/** The results of one work, a row for each server. */
export function tableOf(work: Work, results: readonly Result[]): Table {
  const what = work === 'event' ? 'delivery' : 'request'
  return {
    title: `${work}: ${WORKS[work]}`,
    columns: [
      'server',
      work === 'event' ? 'deliveries/s' : 'requests/s',
      'of',
      '× ours',
      'p50 ms',
      'p99 ms',
      `CPU ms per ${what}`,
      'of',
      '× ours',
      'round trips',
      'MB',
    ],
    rows: results.map(({ server, perSecond, medianMs, p99Ms, processorMs, memoryMb, roundTrips, ratios }) => [
      server,
      Math.round(perSecond.median),
      range(perSecond, 0),
      ratio(ratios?.perSecond),
      rounded(medianMs.median, 1),
      `${rounded(p99Ms.median, 1)} (${range(p99Ms, 1)})`,
      rounded(processorMs.median, 3),
      range(processorMs, 3),
      ratio(ratios?.processorMs),
      roundTrips ?? '',
      Math.round(memoryMb.median),
    ]),
  }
}

function range({ min, max }: Figure, digits: number): string {
  return `${rounded(min, digits)}–${rounded(max, digits)}`
}

function ratio(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2)
}
