import type { SystemRole } from '../../../contract/policy.ts'
import type { Tokens } from '../money.ts'

/** A call about to be made, as the ledger takes it. */
export interface NewEntry {
  readonly userId: string
  readonly role: SystemRole
  readonly modelId: string
  readonly priceId: string | null
  readonly providerKeyId: string | null
  readonly purpose: string
  readonly threadId: string | null
  readonly replyId: string | null
  readonly runId: string | null
  readonly traceId: string
  /** What it may come to, at most. */
  readonly reservedTokens: number
  /** US dollars. */
  readonly reservedCost: string
  /** Input as we counted it. */
  readonly inputTokens: number
  /** Settled at once: what it comes to is known before the call. */
  readonly settled: boolean
  /** Whether it takes from the user's budget. */
  readonly counted: boolean
}

/** What is known of a call before anybody counted. */
export type EntryBase = Omit<
  NewEntry,
  'priceId' | 'reservedTokens' | 'reservedCost' | 'inputTokens' | 'settled'
>

/** What a call came to. */
export interface Amount extends Tokens {
  /** US dollars. */
  readonly cost: string
}
