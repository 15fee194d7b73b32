import type { z } from 'zod'
import type { Actor } from '../../../contract/actor.ts'
import { fail, invalid } from '../../../contract/errors.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/index.ts'
import { listEntries, readUsage } from './usage.repository.ts'
import type * as schema from './usage.schema.ts'
import type { Usage } from './usage.schema.ts'

/** What users used of models. */
export interface UsageService {
  /** @throws BAD_REQUEST (`from`) */
  mine(call: {
    readonly actor: Actor
    readonly input: z.output<typeof schema.UsageMineInput>
  }): Promise<Usage>
  /** For admins. @throws NOT_FOUND, BAD_REQUEST (`from`) */
  byUser(call: { readonly input: z.output<typeof schema.UsageByUserInput> }): Promise<Usage>
  /** @throws BAD_REQUEST (`from`, `cursor`, `page`) */
  entries(call: {
    readonly actor: Actor
    readonly input: z.output<typeof schema.UsageEntriesInput>
  }): Promise<z.input<typeof schema.UsageEntriesOutput>>
}

/** What the service is made of. */
export interface UsageServiceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly tokensPerDay: number | undefined
}

const MOST_MS = 366 * 86_400_000

/** Builds the {@link UsageService}. */
export function createUsageService({ database, clock, tokensPerDay }: UsageServiceDeps): UsageService {
  const usageOf = async (userId: string, input: z.output<typeof schema.UsageMineInput>): Promise<Usage> => {
    const now = clock.now()
    const range = rangeOf(input, now)
    const found = await readUsage(database, { userId, ...range, tokensPerDay, now })
    if (found === null) throw fail('NOT_FOUND')
    const { standings, ...usage } = found
    return {
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      ...usage,
      budgets: standings.map(({ resetsAt, ...standing }) => ({
        ...standing,
        resetsAt: resetsAt.toISOString(),
      })),
    }
  }
  return {
    mine: ({ actor, input }) => usageOf(actor.userId, input),
    byUser: ({ input: { userId, ...range } }) => usageOf(userId, range),
    async entries({ actor, input }) {
      const { userId } = actor
      return await listEntries(database, { userId, ...input, ...rangeOf(input, clock.now()) })
    },
  }
}

function rangeOf(
  input: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): { from: Date; to: Date } {
  const to = input.to === undefined ? now : new Date(input.to)
  const from =
    input.from === undefined
      ? new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth(), 1))
      : new Date(input.from)
  if (from > to) throw invalid('from', 'Give a moment before `to`.', input.from)
  if (to.getTime() - from.getTime() > MOST_MS) {
    throw invalid('from', 'Give a moment no more than 366 days before `to`.', input.from)
  }
  return { from, to }
}
