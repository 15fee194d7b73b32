import type { Caller } from './contract.ts'

/** Whether callers of the contract before go on working. */
export type Verdict = 'breaking' | 'additive'

/** Under which heading the changelog has it. */
export type Section = 'Added' | 'Changed' | 'Deprecated' | 'Removed'

/** One difference between two contracts. */
export interface Difference {
  readonly verdict: Verdict
  readonly section: Section
  /** The procedure or, in back-quotes, the type it is in; `errors` for the catalogue. */
  readonly where: string
  /** The place in it, such as `input.title`. */
  readonly at: string
  /** What happened, as a part of a sentence. */
  readonly what: string
  /** Whom it breaks or, when additive, who can use it. */
  readonly callers: readonly Caller[]
  /** How to do the same without breaking anyone; for breaking differences only. */
  readonly instead?: string
}

/** Whether any of the differences breaks callers. */
export function isBreaking(differences: readonly Difference[]): boolean {
  return differences.some(({ verdict }) => verdict === 'breaking')
}
