import type { Table } from './support/table.ts'

/** How long and how often a bench measures. */
export interface BenchOptions {
  /** A short run that shows that the bench works; its numbers mean little. */
  readonly quick: boolean
  /** What of it, comma-separated, for benches that measure several things. */
  readonly works?: string | undefined
  /** Which servers, comma-separated, for benches that compare some. */
  readonly servers?: string | undefined
  /** Keep the figures in docs/performance, too. */
  readonly save: boolean
}

/** What a bench found. */
export interface Report {
  readonly tables: readonly Table[]
  /** What a reader has to know to read the tables. */
  readonly notes?: readonly string[]
  /** Whether the numbers are within the targets of docs/benchmarks.md; left out when there is no target. */
  readonly targets?: readonly Target[]
  /** The numbers behind the tables, for the JSON file. */
  readonly data: unknown
}

/** One number that is promised. */
export interface Target {
  readonly name: string
  readonly wanted: string
  readonly measured: string
  readonly met: boolean
}

/** One thing that is measured. */
export interface Bench {
  readonly summary: string
  /** Left out unless it is named. */
  readonly onlyWhenNamed?: boolean
  run(options: BenchOptions): Promise<Report>
}
