import type { z } from 'zod'
import { fail, invalid } from '../../../contract/errors.ts'
import type { UnitOfWork } from '../../../contract/unit-of-work.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import * as repository from './budgets.repository.ts'
import type * as schema from './budgets.schema.ts'
import type { Budget } from './budgets.schema.ts'

/** Budgets, for admins. */
export interface BudgetsService {
  /** @throws BAD_REQUEST (`cursor`, `page`) */
  list(call: {
    readonly input: z.output<typeof schema.BudgetsListInput>
  }): Promise<z.input<typeof schema.BudgetsListOutput>>
  /** @throws BAD_REQUEST (`userId`) */
  set(call: {
    readonly input: z.output<typeof schema.BudgetsSetInput>
    readonly unit: UnitOfWork<Budget>
  }): Promise<Budget>
  /** @throws NOT_FOUND */
  remove(call: {
    readonly input: { readonly id: string }
    readonly unit: UnitOfWork<{ ok: true }>
  }): Promise<{ ok: true }>
}

/** Builds the {@link BudgetsService}. */
export function createBudgetsService(deps: {
  readonly database: Database
  readonly clock: Clock
}): BudgetsService {
  const { database, clock } = deps
  return {
    list: ({ input }) => repository.listBudgets(database, input),

    set: ({ input, unit }) =>
      unit.commit(async (change) => {
        const { userId, role, period, maxTokens, maxCost } = input
        if (userId !== undefined && !(await repository.isUser(change.db, userId))) {
          throw invalid('userId', 'There is no such user.', userId)
        }
        const budget = await repository.upsertBudget(change.db, input, clock.now())
        change.audit({
          targetType: 'budget',
          targetId: budget.id,
          changes: {
            userId: userId ?? null,
            role: role ?? null,
            period,
            maxTokens: maxTokens ?? null,
            maxCost: maxCost ?? null,
          },
        })
        return budget
      }),

    remove: ({ input: { id }, unit }) =>
      unit.commit(async (change) => {
        if (!(await repository.deleteBudget(change.db, id))) throw fail('NOT_FOUND')
        change.audit({ targetType: 'budget', targetId: id })
        return { ok: true }
      }),
  }
}
