import type { PageRequest } from '../../../contract/page-request.ts'
import type { SystemRole } from '../../../contract/policy.ts'
import type { Database, Db } from '../../../platform/database/index.ts'
import { newId } from '../../../platform/ids.ts'
import { isoOf, type Moment } from '../../../platform/pagination/moments.ts'
import type { Page } from '../../../platform/pagination/page.ts'
import { sqlValues } from '../../../platform/pagination/sql-values.ts'
import { plainDecimal } from '../money.ts'
import { pageOfRows } from '../paged.ts'
import type { Budget } from './budgets.schema.ts'

const COLUMNS = `b.id, b.user_id AS "userId", b.role, b.period, b.max_tokens::text AS "maxTokens",
  b.max_cost::text AS "maxCost", b.created_at AS "createdAt", b.updated_at AS "updatedAt"`

interface BudgetRow extends Pick<Budget, 'id' | 'userId' | 'role' | 'period'> {
  readonly maxTokens: string | null
  readonly maxCost: string | null
  readonly createdAt: Moment
  readonly updatedAt: Moment
}

/** Which budgets. */
interface BudgetFilter extends PageRequest {
  readonly userId?: string | undefined
  readonly role?: SystemRole | undefined
}

/** Part of the budgets, newest first. */
export async function listBudgets(
  database: Pick<Database, 'pool'>,
  input: BudgetFilter,
): Promise<Page<Budget>> {
  const { userId, role } = input
  return await pageOfRows<BudgetRow, Budget>(database, input, {
    scope: { list: 'budgets', filters: { userId, role } },
    columns: COLUMNS,
    from: 'budgets b',
    order: { key: 'b.created_at', id: 'b.id' },
    where: (values) => [
      ...(userId === undefined ? [] : [`b.user_id = ${values.bind(userId, 'uuid')}`]),
      ...(role === undefined ? [] : [`b.role = ${values.bind(role, 'user_role')}`]),
    ],
    positionOf: ({ createdAt, id }) => ({ key: isoOf(createdAt), id }),
    present,
  })
}

/** Whether there is a live user of this id. */
export async function isUser(db: Db, id: string): Promise<boolean> {
  return (await db.user.count({ where: { id, deletedAt: null } })) > 0
}

/** A budget as an admin sets it; for a user or a role. */
interface NewBudget {
  readonly userId?: string | undefined
  readonly role?: SystemRole | undefined
  readonly period: Budget['period']
  readonly maxTokens?: number | undefined
  readonly maxCost?: string | undefined
}

/** Sets the budget of a user or a role for a period, in place of the one there was. */
export async function upsertBudget(db: Db, budget: NewBudget, now: Date): Promise<Budget> {
  const values = sqlValues()
  const moment = values.bind(now.toISOString(), 'timestamptz')
  const owner = budget.userId === undefined ? 'role' : 'user_id'
  const { text, values: bound } = values.statement(`
    INSERT INTO budgets AS b (id, user_id, role, period, max_tokens, max_cost, created_at, updated_at)
    VALUES (${values.bind(newId(now), 'uuid')}, ${values.bind(budget.userId ?? null, 'uuid')},
      ${values.bind(budget.role ?? null, 'user_role')}, ${values.bind(budget.period, 'budget_period')},
      ${values.bind(budget.maxTokens ?? null, 'bigint')}, ${values.bind(budget.maxCost ?? null, 'numeric')},
      ${moment}, ${moment})
    ON CONFLICT (${owner}, period) WHERE ${owner} IS NOT NULL
    DO UPDATE SET max_tokens = excluded.max_tokens, max_cost = excluded.max_cost, updated_at = excluded.updated_at
    RETURNING ${COLUMNS}`)
  const [row] = await db.$queryRawUnsafe<BudgetRow[]>(text, ...bound)
  if (row === undefined) throw new Error('A budget was set and did not come back')
  return present(row)
}

/** Takes a budget away; false when there is none. */
export async function deleteBudget(db: Db, id: string): Promise<boolean> {
  return (await db.budget.deleteMany({ where: { id } })).count > 0
}

function present({ id, userId, role, period, maxTokens, maxCost, createdAt, updatedAt }: BudgetRow): Budget {
  return {
    id,
    userId,
    role,
    period,
    maxTokens: maxTokens === null ? null : Number(maxTokens),
    maxCost: maxCost === null ? null : plainDecimal(maxCost),
    createdAt: isoOf(createdAt),
    updatedAt: isoOf(updatedAt),
  }
}
