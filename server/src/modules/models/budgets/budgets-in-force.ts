import type { SqlValues } from '../../../platform/pagination/sql-values.ts'

/** Whose budgets; user and role are SQL expressions. */
export interface BudgetSubject {
  readonly user: string
  readonly role: string
  /** What users may use a day where no budget says otherwise. */
  readonly tokensPerDay: number | undefined
}

/**
 * A SELECT of one row with the limits of a user: `day_tokens`, `day_cost`, `month_tokens`, `month_cost`, null where there
 * is none. Of a period, the user's own budget goes before that of their role.
 */
export function budgetsInForce(values: SqlValues, { user, role, tokensPerDay }: BudgetSubject): string {
  const fallback = values.bind(tokensPerDay ?? null, 'bigint')
  return `SELECT coalesce(max(max_tokens) FILTER (WHERE period = 'day'), ${fallback}) AS day_tokens,
      max(max_cost) FILTER (WHERE period = 'day') AS day_cost,
      max(max_tokens) FILTER (WHERE period = 'month') AS month_tokens,
      max(max_cost) FILTER (WHERE period = 'month') AS month_cost
    FROM (
      SELECT DISTINCT ON (b.period) b.period, b.max_tokens, b.max_cost FROM budgets b
      WHERE b.user_id = ${user} OR b.role = ${role}
      ORDER BY b.period, b.user_id NULLS LAST
    ) in_force`
}
