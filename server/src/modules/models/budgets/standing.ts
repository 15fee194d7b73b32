import type { SystemRole } from '../../../contract/policy.ts'
import { type Database, query } from '../../../platform/database/index.ts'
import { type SqlValues, sqlValues } from '../../../platform/pagination/sql-values.ts'
import { decimalLeft, plainDecimal } from '../money.ts'
import { type BudgetSubject, budgetsInForce } from './budgets-in-force.ts'
import { dayAfter, dayOf, monthAfter } from './periods.ts'

/** Where a user stands in one period. Costs are US dollars as decimal texts; null where there is no limit. */
export interface Standing {
  readonly period: 'day' | 'month'
  readonly maxTokens: number | null
  readonly maxCost: string | null
  /** Used and held by calls under way. */
  readonly usedTokens: number
  readonly usedCost: string
  readonly remainingTokens: number | null
  readonly remainingCost: string | null
  /** When it begins anew. */
  readonly resetsAt: Date
}

/** What {@link standingSql} finds. */
export type StandingRow = Readonly<Record<string, string | null>>

/** A SELECT of one row that says where a user stands today and this month (UTC). */
export function standingSql(values: SqlValues, subject: BudgetSubject, now: Date): string {
  const limits = budgetsInForce(values, subject)
  const today = values.bind(dayOf(now), 'date')
  const current = (period: 'day' | 'month', name: string) =>
    `coalesce(CASE WHEN date_trunc('${period}', s.day) = date_trunc('${period}', ${today}) THEN s.${name} END, 0)::text`
  return `SELECT l.day_tokens::text AS "dayTokens", l.day_cost::text AS "dayCost",
      l.month_tokens::text AS "monthTokens", l.month_cost::text AS "monthCost",
      ${current('day', 'day_tokens')} AS "dayUsedTokens", ${current('day', 'day_cost')} AS "dayUsedCost",
      ${current('month', 'month_tokens')} AS "monthUsedTokens", ${current('month', 'month_cost')} AS "monthUsedCost"
    FROM (${limits}) l LEFT JOIN budget_spending s ON s.user_id = ${subject.user}`
}

/** Where a user stands, as {@link standingSql} found it. */
export function standingsOf(row: StandingRow, now: Date): readonly Standing[] {
  return [standingOf('day', row, dayAfter(now)), standingOf('month', row, monthAfter(now))]
}

/** Where a user stands today and this month (UTC). One round trip. */
export async function readStanding(
  database: Pick<Database, 'pool'>,
  who: { readonly userId: string; readonly role: SystemRole; readonly tokensPerDay: number | undefined },
  now: Date,
): Promise<readonly Standing[]> {
  const values = sqlValues()
  const { userId, role, tokensPerDay } = who
  const subject = {
    user: values.bind(userId, 'uuid'),
    role: values.bind(role, 'user_role'),
    tokensPerDay,
  }
  const [row = {}] = await query<StandingRow>(database, values.statement(standingSql(values, subject, now)))
  return standingsOf(row, now)
}

function standingOf(period: 'day' | 'month', row: StandingRow, resetsAt: Date): Standing {
  const maxTokens = row[`${period}Tokens`] ?? null
  const maxCost = row[`${period}Cost`] ?? null
  const usedTokens = row[`${period}UsedTokens`] ?? '0'
  const usedCost = plainDecimal(row[`${period}UsedCost`] ?? '0')
  return {
    period,
    maxTokens: maxTokens === null ? null : Number(maxTokens),
    maxCost: maxCost === null ? null : plainDecimal(maxCost),
    usedTokens: Number(usedTokens),
    usedCost,
    remainingTokens: maxTokens === null ? null : Math.max(0, Number(maxTokens) - Number(usedTokens)),
    remainingCost: maxCost === null ? null : decimalLeft(maxCost, usedCost),
    resetsAt,
  }
}
