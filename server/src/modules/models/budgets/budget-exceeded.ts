import { type AppError, failBecause } from '../../../contract/errors.ts'
import { moreThan } from '../money.ts'
import type { Standing } from './standing.ts'

/** What a call would have held. */
interface Asked {
  readonly tokens: number
  readonly cost: string
}

/**
 * The refusal of a call that does not fit: which budget, what is left and when it begins anew. Without a time to come
 * back where no waiting helps, because the call is larger than the whole budget.
 */
export function budgetExceeded(standings: readonly Standing[], asked: Asked, now: Date): AppError {
  const full = standings.filter((standing) => tooLittle(standing, asked))
  // The one that opens last decides; what was full a moment ago may have opened meanwhile.
  const worst = full.at(-1)
  if (worst === undefined) return failBecause('BUDGET_EXCEEDED', { retryAfterMs: 1_000 })
  const { period, maxTokens, maxCost, resetsAt } = worst
  const left = describe(worst, asked)
  if (
    (maxTokens !== null && asked.tokens > maxTokens) ||
    (maxCost !== null && moreThan(asked.cost, maxCost))
  ) {
    return failBecause('BUDGET_EXCEEDED', {
      message: `This call could need more than your whole budget of a ${period} (${left}): make it shorter, or ask an admin.`,
    })
  }
  return failBecause('BUDGET_EXCEEDED', {
    message: `Your budget for this ${period} does not reach: ${left}. It begins anew on ${resetsAt.toISOString()}.`,
    retryAfterMs: Math.max(1_000, resetsAt.getTime() - now.getTime()),
  })
}

function tooLittle({ remainingTokens, remainingCost }: Standing, asked: Asked): boolean {
  return (
    (remainingTokens !== null && asked.tokens > remainingTokens) ||
    (remainingCost !== null && moreThan(asked.cost, remainingCost))
  )
}

function describe({ remainingTokens, remainingCost }: Standing, asked: Asked): string {
  return remainingTokens !== null && asked.tokens > remainingTokens
    ? `${remainingTokens} tokens are left and it could need ${asked.tokens}`
    : `$${remainingCost ?? '0'} are left and it could cost $${asked.cost}`
}
