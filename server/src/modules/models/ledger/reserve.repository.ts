import { type Database, query } from '../../../platform/database/index.ts'
import { newId } from '../../../platform/ids.ts'
import { type SqlValues, sqlValues } from '../../../platform/pagination/sql-values.ts'
import { budgetsInForce } from '../budgets/budgets-in-force.ts'
import type { NewEntry } from './ledger-entry.ts'

/**
 * A statement of the caller's that runs with the writing down of a call, and only if there is room for it: the note that
 * somebody is about to ask is there before anybody can be asked. It takes from `usage`, which has the entry's `id`.
 */
export type AlongsideUsage = (values: SqlValues, usage: string) => string

/** A call that was written down. */
export interface Reserved {
  readonly id: string
  /** Whether the caller's statement changed a row; true without one. */
  readonly noted: boolean
}

/** When and under which limit a call is written down. */
export interface ReserveOptions {
  readonly now: Date
  readonly alongside: AlongsideUsage | undefined
  /** What users may use a day where no budget says otherwise. */
  readonly tokensPerDay: number | undefined
}

/**
 * Writes a call into the ledger if it fits into the budgets of its user, and counts it there: one statement. The row of
 * the user's spending is locked while it is compared and raised, so that calls made at once, in any process, never get
 * more together than there is. Null when it does not fit.
 */
export async function reserve(
  database: Pick<Database, 'pool'>,
  entry: NewEntry,
  options: ReserveOptions,
): Promise<Reserved | null> {
  const values = sqlValues()
  const counted = entry.counted ? `, ${countedSql(values, entry, options)}` : ''
  const day = entry.counted ? 'counted.day' : 'NULL::date'
  const id = newId(options.now)
  const { alongside } = options
  const also = alongside === undefined ? '' : `, also AS (${alongside(values, 'written')} RETURNING 1)`
  const text = `
    WITH entry AS (${entrySql(values, id, entry, options.now)})${counted}, written AS (
    INSERT INTO usage_entries (id, user_id, model_id, price_id, provider_key_id, purpose, state, reserved_tokens,
      reserved_cost, budget_day, input_tokens, cost, thread_id, reply_id, run_id, trace_id, created_at, settled_at)
    SELECT entry.id, entry.user_id, model_id, price_id, provider_key_id, purpose,
      (CASE WHEN settled THEN 'settled' ELSE 'reserved' END)::usage_state, tokens, entry.cost, ${day}, input_tokens,
      CASE WHEN settled THEN entry.cost ELSE 0 END, thread_id, reply_id, run_id, trace_id, at,
      CASE WHEN settled THEN at END
    FROM entry ${entry.counted ? 'CROSS JOIN counted' : ''} RETURNING id)${also}
    SELECT written.id, ${also === '' ? 'true' : 'EXISTS (SELECT FROM also)'} AS noted FROM written`
  const [row] = await query<Reserved & Record<string, unknown>>(database, values.statement(text))
  return row ?? null
}

function entrySql(values: SqlValues, id: string, entry: NewEntry, now: Date): string {
  return `SELECT ${values.bind(id, 'uuid')} AS id, ${values.bind(entry.userId, 'uuid')} AS user_id,
    ${values.bind(entry.modelId, 'text')} AS model_id, ${values.bind(entry.priceId, 'uuid')} AS price_id,
    ${values.bind(entry.providerKeyId, 'uuid')} AS provider_key_id, ${values.bind(entry.purpose, 'text')} AS purpose,
    ${values.bind(entry.settled, 'boolean')} AS settled, ${values.bind(entry.reservedTokens, 'int')} AS tokens,
    ${values.bind(entry.reservedCost, 'numeric')} AS cost, ${values.bind(entry.inputTokens, 'int')} AS input_tokens,
    ${values.bind(entry.threadId, 'uuid')} AS thread_id, ${values.bind(entry.replyId, 'uuid')} AS reply_id,
    ${values.bind(entry.runId, 'uuid')} AS run_id, ${values.bind(entry.traceId, 'text')} AS trace_id,
    ${values.bind(now.toISOString(), 'timestamptz')} AS at`
}

/** A process whose clock is behind still counts into the day that another began; a clock a day ahead rules nobody. */
const SAME_DAY = 's.day - excluded.day BETWEEN 0 AND 1'
const SAME_MONTH = `(${SAME_DAY} OR date_trunc('month', s.day) = date_trunc('month', excluded.day))`
const NEXT = {
  day_tokens: `CASE WHEN ${SAME_DAY} THEN s.day_tokens ELSE 0 END + excluded.day_tokens`,
  day_cost: `CASE WHEN ${SAME_DAY} THEN s.day_cost ELSE 0 END + excluded.day_cost`,
  month_tokens: `CASE WHEN ${SAME_MONTH} THEN s.month_tokens ELSE 0 END + excluded.month_tokens`,
  month_cost: `CASE WHEN ${SAME_MONTH} THEN s.month_cost ELSE 0 END + excluded.month_cost`,
} as const
const COLUMNS = ['day_tokens', 'day_cost', 'month_tokens', 'month_cost'] as const

function countedSql(values: SqlValues, entry: NewEntry, { now, tokensPerDay }: ReserveOptions): string {
  const limits = budgetsInForce(values, {
    user: values.bind(entry.userId, 'uuid'),
    role: values.bind(entry.role, 'user_role'),
    tokensPerDay,
  })
  const today = values.bind(now.toISOString().slice(0, 10), 'date')
  const fits = (
    amounts: Readonly<Record<(typeof COLUMNS)[number], string>>,
    limitOf: (name: string) => string,
  ) => COLUMNS.map((name) => `(${amounts[name]} > ${limitOf(name)}) IS NOT TRUE`).join(' AND ')
  const alone = { day_tokens: 'tokens', day_cost: 'cost', month_tokens: 'tokens', month_cost: 'cost' }
  return `limits AS (${limits}), counted AS (
      INSERT INTO budget_spending AS s (user_id, day, ${COLUMNS.join(', ')})
      SELECT user_id, ${today}, tokens, cost, tokens, cost FROM entry CROSS JOIN limits
      WHERE ${fits(alone, (name) => `limits.${name}`)}
      ON CONFLICT (user_id) DO UPDATE SET day = CASE WHEN ${SAME_DAY} THEN s.day ELSE excluded.day END,
        ${COLUMNS.map((name) => `${name} = ${NEXT[name]}`).join(',\n        ')}
      WHERE ${fits(NEXT, (name) => `(SELECT ${name} FROM limits)`)}
      RETURNING s.day
    )`
}
