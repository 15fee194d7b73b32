import type { PageRequest } from '../../../contract/page-request.ts'
import { type Database, query } from '../../../platform/database/index.ts'
import type { Page } from '../../../platform/pagination/page.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import { type Standing, type StandingRow, standingSql, standingsOf } from '../budgets/standing.ts'
import { plainDecimal } from '../money.ts'
import { pageOfRows } from '../paged.ts'
import type { Usage, UsageEntry } from './usage.schema.ts'

/** From a moment until before another. */
interface Range {
  readonly from: Date
  readonly to: Date
}

const MOST_MODELS = 200

interface SumRow {
  readonly kind: 'total' | 'model' | 'day'
  readonly name: string | null
  readonly calls: number
  readonly inputTokens: string
  readonly outputTokens: string
  readonly cost: string
  readonly ownKeyCost: string
  readonly standing: StandingRow | null
}

/** Whose usage of when. */
interface UsageQuestion extends Range {
  readonly userId: string
  readonly tokensPerDay: number | undefined
  readonly now: Date
}

/**
 * What a user used in a time, in all, by model and by day (UTC), and where they stand now; one statement. Calls under way
 * are in what they stand at alone. Null when there is no such user.
 */
export async function readUsage(
  database: Pick<Database, 'pool'>,
  { userId, from, to, tokensPerDay, now }: UsageQuestion,
): Promise<(Pick<Usage, 'total' | 'byModel' | 'byDay'> & { standings: readonly Standing[] }) | null> {
  const values = sqlValues()
  const standing = standingSql(values, { user: 'u.id', role: 'u.role', tokensPerDay }, now)
  const text = `
    SELECT sums.*, CASE WHEN kind = 'total' THEN (SELECT to_json(standing) FROM (${standing}) standing) END AS standing
    FROM users u CROSS JOIN LATERAL (
    SELECT CASE WHEN grouping(model_id) = 0 THEN 'model' WHEN grouping(day) = 0 THEN 'day' ELSE 'total' END AS kind,
      coalesce(model_id, day) AS name, count(*)::int AS calls,
      coalesce(sum(input_tokens), 0)::text AS "inputTokens", coalesce(sum(output_tokens), 0)::text AS "outputTokens",
      coalesce(sum(cost) FILTER (WHERE provider_key_id IS NULL), 0)::text AS cost,
      coalesce(sum(cost) FILTER (WHERE provider_key_id IS NOT NULL), 0)::text AS "ownKeyCost"
    FROM (
      SELECT model_id, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, input_tokens, output_tokens, cost,
        provider_key_id
      FROM usage_entries
      WHERE user_id = u.id AND state = 'settled'
        AND created_at >= ${values.bind(from.toISOString(), 'timestamptz')}
        AND created_at < ${values.bind(to.toISOString(), 'timestamptz')}
    ) entry
    GROUP BY GROUPING SETS ((), (model_id), (day))
    ) sums
    WHERE u.id = ${values.bind(userId, 'uuid')} AND u.deleted_at IS NULL
    ORDER BY kind, name`
  const rows = await query<SumRow>(database, values.statement(text))
  const of = (kind: SumRow['kind']) => rows.filter((row) => row.kind === kind)
  const named = (kind: SumRow['kind']) =>
    of(kind).flatMap((row) => (row.name === null ? [] : [{ name: row.name, sums: sumsOf(row) }]))
  const [total] = of('total')
  if (total === undefined) return null
  return {
    standings: standingsOf(total.standing ?? {}, now),
    total: sumsOf(total),
    byModel: named('model')
      .sort((a, b) => tokensOf(b.sums) - tokensOf(a.sums))
      .slice(0, MOST_MODELS)
      .map(({ name, sums }) => ({ modelId: name, ...sums })),
    byDay: named('day').map(({ name, sums }) => ({ day: name, ...sums })),
  }
}

function sumsOf(row: SumRow): Usage['total'] {
  return {
    calls: row.calls,
    inputTokens: Number(row.inputTokens),
    outputTokens: Number(row.outputTokens),
    cost: plainDecimal(row.cost),
    ownKeyCost: plainDecimal(row.ownKeyCost),
  }
}

function tokensOf({ inputTokens, outputTokens }: Usage['total']): number {
  return inputTokens + outputTokens
}

interface EntryFilter extends PageRequest {
  readonly userId: string
  readonly from: Date
  readonly to: Date
  readonly threadId?: string | undefined
  readonly runId?: string | undefined
}

interface EntryRow extends Omit<UsageEntry, 'price'> {
  readonly inputPerMillion: string | null
  readonly outputPerMillion: string | null
}

/** Part of a user's calls, newest first. */
export async function listEntries(
  database: Pick<Database, 'pool'>,
  filter: EntryFilter,
): Promise<Page<UsageEntry>> {
  const { userId, from, to, threadId, runId } = filter
  return await pageOfRows<EntryRow, UsageEntry>(database, filter, {
    // `to` is now unless given, and a cursor must still fit a moment later.
    scope: { list: 'usage.entries', filters: { userId, threadId, runId } },
    columns: `e.id, e.model_id AS "modelId", e.purpose, e.state, e.input_tokens AS "inputTokens",
      e.output_tokens AS "outputTokens", e.cost::text AS cost, e.provider_key_id IS NOT NULL AS "ownKey",
      p.input_per_million::text AS "inputPerMillion", p.output_per_million::text AS "outputPerMillion",
      e.thread_id AS "threadId", e.reply_id AS "replyId", e.run_id AS "runId", e.trace_id AS "traceId",
      e.created_at AS "createdAt", e.settled_at AS "settledAt"`,
    from: 'usage_entries e LEFT JOIN model_prices p ON p.id = e.price_id',
    order: { key: 'e.created_at', id: 'e.id' },
    where: (values) => [
      `e.user_id = ${values.bind(userId, 'uuid')}`,
      `e.created_at >= ${values.bind(from.toISOString(), 'timestamptz')}`,
      `e.created_at < ${values.bind(to.toISOString(), 'timestamptz')}`,
      ...(threadId === undefined ? [] : [`e.thread_id = ${values.bind(threadId, 'uuid')}`]),
      ...(runId === undefined ? [] : [`e.run_id = ${values.bind(runId, 'uuid')}`]),
    ],
    positionOf: ({ createdAt, id }) => ({ key: createdAt, id }),
    present: ({ inputPerMillion, outputPerMillion, cost, ...entry }) => ({
      ...entry,
      cost: plainDecimal(cost),
      price:
        inputPerMillion === null || outputPerMillion === null
          ? null
          : {
              inputPerMillion: plainDecimal(inputPerMillion),
              outputPerMillion: plainDecimal(outputPerMillion),
            },
    }),
  })
}
