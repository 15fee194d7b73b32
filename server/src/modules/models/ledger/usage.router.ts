import { query, router } from '../../../contract/procedure.ts'
import * as schema from './usage.schema.ts'
import type { UsageService } from './usage.service.ts'

const read = { scope: 'usage:read', limit: 'read' } as const

/** `usage.*`: the ledger. */
export const createUsageRouter = (usage: UsageService) =>
  router({
    mine: query({
      summary:
        'Tells what the caller used of models, by model and by day, and what remains of their budgets.',
      policy: { ...read, access: { who: 'user' }, surfaces: { mcp: 'listed' } },
      input: schema.UsageMineInput,
      output: schema.UsageMineOutput,
      run: (call) => usage.mine(call),
    }),
    byUser: query({
      summary: 'Tells the same of any user.',
      policy: { ...read, access: { who: 'admin' } },
      input: schema.UsageByUserInput,
      output: schema.UsageByUserOutput,
      run: (call) => usage.byUser(call),
    }),
    entries: query({
      summary: 'Lists the caller’s calls of models, newest first.',
      policy: { ...read, access: { who: 'user' } },
      input: schema.UsageEntriesInput,
      output: schema.UsageEntriesOutput,
      run: (call) => usage.entries(call),
    }),
  })
