import type { Db, NamedQuery } from '../../../platform/database/index.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import type { Amount } from './ledger-entry.ts'

/** A number of the budget after what was held is given back and what was used is taken. */
function settled(column: string, period: 'day' | 'month', reserved: string, used: string): string {
  return `${column} = CASE WHEN date_trunc('${period}', s.day) = date_trunc('${period}', entry.budget_day)
    THEN greatest(0, s.${column} - entry.${reserved} + ${used}) ELSE s.${column} END`
}

/**
 * The statement that settles a call: once, however often it is run. It answers with a row when it was this one that did.
 * What was held of a day or a month that is over is not given back: nothing is counted there any more.
 */
export function settleStatement(id: string, amount: Amount, now: Date): NamedQuery {
  const values = sqlValues()
  const input = values.bind(amount.inputTokens, 'int')
  const output = values.bind(amount.outputTokens, 'int')
  const cost = values.bind(amount.cost, 'numeric')
  const tokens = `(${input}::bigint + ${output})`
  return values.statement(`
    WITH entry AS (
      UPDATE usage_entries SET state = 'settled', input_tokens = ${input}, output_tokens = ${output}, cost = ${cost},
        settled_at = ${values.bind(now.toISOString(), 'timestamptz')}
      WHERE id = ${values.bind(id, 'uuid')} AND state = 'reserved'
      RETURNING id, user_id, budget_day, reserved_tokens, reserved_cost
    ), counted AS (
      UPDATE budget_spending s SET ${settled('day_tokens', 'day', 'reserved_tokens', tokens)},
        ${settled('day_cost', 'day', 'reserved_cost', cost)},
        ${settled('month_tokens', 'month', 'reserved_tokens', tokens)},
        ${settled('month_cost', 'month', 'reserved_cost', cost)}
      FROM entry WHERE s.user_id = entry.user_id AND entry.budget_day IS NOT NULL
    )
    SELECT id FROM entry`)
}

/** Runs {@link settleStatement} as part of the transaction `db`; whether it was this call that settled. */
export async function settleIn(db: Db, id: string, amount: Amount, now: Date): Promise<boolean> {
  const { text, values } = settleStatement(id, amount, now)
  // Every value is bound; "unsafe" is Prisma's word for text that is put together at run time.
  const rows = await db.$queryRawUnsafe<{ id: string }[]>(text, ...values)
  return rows.length > 0
}

/** A call of the ledger with the price it goes by. */
export interface OpenEntry {
  readonly id: string
  readonly modelId: string
  readonly settled: boolean
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: string
  readonly inputPerMillion: string | null
  readonly outputPerMillion: string | null
}

const OPEN_COLUMNS = `e.id, e.model_id AS "modelId", e.state = 'settled' AS settled,
  e.input_tokens AS "inputTokens", e.output_tokens AS "outputTokens", e.cost::text AS cost,
  p.input_per_million::text AS "inputPerMillion", p.output_per_million::text AS "outputPerMillion"
  FROM usage_entries e LEFT JOIN model_prices p ON p.id = e.price_id`

/** One call; null when there is none. */
export async function findEntry(db: Db, id: string): Promise<OpenEntry | null> {
  const rows = await db.$queryRawUnsafe<OpenEntry[]>(`SELECT ${OPEN_COLUMNS} WHERE e.id = $1::uuid`, id)
  return rows[0] ?? null
}

/** Calls that were begun before a moment and are not settled, oldest first. */
export async function findLost(db: Db, begunBefore: Date, limit: number): Promise<OpenEntry[]> {
  return await db.$queryRawUnsafe<OpenEntry[]>(
    `SELECT ${OPEN_COLUMNS} WHERE e.state = 'reserved' AND e.created_at < $1::timestamptz
      ORDER BY e.created_at LIMIT $2::int`,
    begunBefore.toISOString(),
    limit,
  )
}
