import { mutation, query, router } from '../../../contract/procedure.ts'
import * as schema from './budgets.schema.ts'
import type { BudgetsService } from './budgets.service.ts'

const manage = { access: { who: 'admin' }, scope: 'models:write', limit: 'write' } as const

/** `budgets.*`: what users may use of models. */
export const createBudgetsRouter = (budgets: BudgetsService) =>
  router({
    list: query({
      summary: 'Lists the budgets, newest first.',
      policy: { ...manage, scope: 'models:read', limit: 'read' },
      input: schema.BudgetsListInput,
      output: schema.BudgetsListOutput,
      run: (call) => budgets.list(call),
    }),
    set: mutation({
      summary: 'Sets what one user, or every user of a role, may use in a day or a month.',
      description:
        'Takes the place of the budget before. A user’s own goes before that of their role. It holds from the next call on, and counts what was used before it.',
      policy: { ...manage, audit: 'budgets.set', surfaces: { rest: 'PUT /budgets' }, idempotent: true },
      input: schema.BudgetsSetInput,
      output: schema.BudgetsSetOutput,
      run: (call) => budgets.set(call),
    }),
    remove: mutation({
      summary: 'Takes a budget away.',
      policy: {
        ...manage,
        audit: 'budgets.remove',
        surfaces: { rest: 'DELETE /budgets/{id}' },
        destructive: true,
      },
      input: schema.BudgetsRemoveInput,
      output: schema.BudgetsRemoveOutput,
      run: (call) => budgets.remove(call),
    }),
  })
