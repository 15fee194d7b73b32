import { median } from '../bench/support/statistics.ts'
import { printTable } from '../bench/support/table.ts'
import type { RoundResult } from './round.ts'

const MOST_FINDINGS = 20
const HEADINGS = [
  'fault',
  'seeds',
  'ops',
  'ok',
  'unknown → ok/refused',
  'lost',
  'duplicated',
  'wrong',
  'failed requests',
  'tDetect ms',
  'tRecover p50/max ms',
  'p99 ms',
]

/** One line per fault. */
export function tableOf(results: readonly RoundResult[]): string {
  const byFault = Map.groupBy(results, ({ fault }) => fault)
  const rows = [...byFault].map(([fault, rounds]) => {
    const operations = rounds.flatMap((round) => round.operations)
    const unknown = operations.filter(({ first }) => first === 'unknown')
    const resolved = (last: string): number => unknown.filter((operation) => operation.last === last).length
    const all = (kind: 'lost' | 'duplicated' | 'wrong'): number =>
      rounds.reduce((sum, { findings }) => sum + findings[kind].length, 0)
    return [
      `${fault.id} ${fault.title}`,
      rounds.reduce((sum, { seeds }) => sum + seeds.length, 0),
      operations.length,
      operations.filter(({ last }) => last === 'ok').length,
      `${unknown.length} → ${resolved('ok')}/${resolved('refused')}`,
      all('lost'),
      all('duplicated'),
      all('wrong'),
      failuresOf(rounds),
      number(Math.min(...rounds.map(({ timeline }) => timeline.detectMs ?? Number.POSITIVE_INFINITY))),
      recoveries(rounds),
      number(Math.max(...rounds.map(({ timeline }) => timeline.p99Ms))),
    ]
  })
  return printTable({ title: 'Faults', columns: HEADINGS, rows })
}

/** What was found, in words; empty when nothing was. */
export function explain({ fault, seeds, findings }: RoundResult): string[] {
  return Object.entries(findings).flatMap(([kind, texts]: [string, readonly string[]]) =>
    texts.slice(0, MOST_FINDINGS).map((text) => `${fault.id} seed ${seeds.join()}: ${kind}: ${text}`),
  )
}

/** Whether nothing was lost, doubled or wrong. */
export function isClean({ findings }: RoundResult): boolean {
  return Object.values(findings).every((texts: readonly string[]) => texts.length === 0)
}

function failuresOf(rounds: readonly RoundResult[]): string {
  const sums = new Map<string, number>()
  for (const { timeline } of rounds) {
    for (const [kind, times] of timeline.failures) sums.set(kind, (sums.get(kind) ?? 0) + times)
  }
  return [...sums].map(([kind, times]) => `${times} × ${kind}`).join(', ') || 'none'
}

function recoveries(rounds: readonly RoundResult[]): string {
  const times = rounds.map(({ timeline }) => timeline.recoverMs ?? Number.POSITIVE_INFINITY)
  return `${number(median(times))}/${number(Math.max(...times))}`
}

function number(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value)) : '–'
}
