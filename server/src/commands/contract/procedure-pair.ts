import type { Caller, ContractProcedure } from './contract.ts'
import type { Difference, Section } from './difference.ts'

/** One procedure before and now. */
export interface Pair {
  readonly path: string
  readonly was: ContractProcedure
  readonly is: ContractProcedure
}

/** Notes one difference. */
export type Add = (
  verdict: Difference['verdict'],
  at: string,
  what: string,
  callers: readonly Caller[],
  instead?: string,
  section?: Section,
) => void

/** What notes the differences of the procedure at `where` in `found`. */
export function collect(found: Difference[], where: string): Add {
  return (verdict, at, what, callers, instead = '', section = 'Changed') => {
    found.push({ verdict, section, where, at, what, callers, ...(verdict === 'breaking' ? { instead } : {}) })
  }
}
