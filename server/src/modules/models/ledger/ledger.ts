import type { Clock } from '../../../platform/clock.ts'
import { type Database, type Db, patiently, query } from '../../../platform/database/index.ts'
import { budgetExceeded } from '../budgets/budget-exceeded.ts'
import { readStanding } from '../budgets/standing.ts'
import { costOf, plainDecimal } from '../money.ts'
import type { Amount, NewEntry } from './ledger-entry.ts'
import { type AlongsideUsage, type Reserved, reserve } from './reserve.repository.ts'
import { findEntry, type OpenEntry, settleIn, settleStatement } from './settle.repository.ts'

/** Every call of a model, with what it may cost before and what it did cost after. */
export interface Ledger {
  /**
   * Writes a call down and holds room for it in its user's budgets, with what the caller has to write; one round trip.
   * @throws BUDGET_EXCEEDED, naming the budget and when it begins anew
   */
  reserve(entry: NewEntry, alongside?: AlongsideUsage): Promise<Reserved>
  /** Writes what a call came to; one round trip. Settling again changes nothing. */
  settle(id: string, amount: Amount): Promise<void>
  /**
   * Settles a call that nobody watches any more, as part of the transaction `db`: its input as we counted it, and the
   * output that `countOutput` finds. What was settled before stays. Null when there is no such call.
   */
  settleAbandoned(
    db: Db,
    id: string,
    countOutput: (modelId: string) => Promise<number>,
  ): Promise<Amount | null>
}

/** What the ledger is made of. */
export interface LedgerDeps {
  readonly database: Database
  readonly clock: Clock
  /** What users may use a day where no budget says otherwise. */
  readonly tokensPerDay: number | undefined
}

/** Builds the {@link Ledger}. */
export function createLedger({ database, clock, tokensPerDay }: LedgerDeps): Ledger {
  return {
    async reserve(entry, alongside) {
      const now = clock.now()
      const reserved = await reserve(database, entry, { now, tokensPerDay, alongside })
      if (reserved !== null) return reserved
      const standings = await readStanding(database, { ...entry, tokensPerDay }, now)
      throw budgetExceeded(standings, { tokens: entry.reservedTokens, cost: entry.reservedCost }, now)
    },

    async settle(id, amount) {
      // Its answer is there: a database that restarts must not make it look as if it had cost nothing.
      await patiently(() => query(database, settleStatement(id, amount, clock.now())))
    },

    async settleAbandoned(db, id, countOutput) {
      const entry = await findEntry(db, id)
      if (entry === null) return null
      if (entry.settled) return amountOf(entry)
      const amount = priced(entry, await countOutput(entry.modelId))
      if (await settleIn(db, id, amount, clock.now())) return amount
      // Somebody settled it between the look and the statement.
      const now = await findEntry(db, id)
      return now === null ? null : amountOf(now)
    },
  }
}

/** What a call comes to by its own price. */
export function priced(entry: OpenEntry, outputTokens: number): Amount {
  const { inputTokens, inputPerMillion, outputPerMillion } = entry
  const price =
    inputPerMillion === null || outputPerMillion === null ? undefined : { inputPerMillion, outputPerMillion }
  const tokens = { inputTokens, outputTokens }
  return { ...tokens, cost: costOf(price, tokens) }
}

function amountOf({ inputTokens, outputTokens, cost }: OpenEntry): Amount {
  return { inputTokens, outputTokens, cost: plainDecimal(cost) }
}
