import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlongsideUsage, ModelUse } from '../../../server/src/modules/models/index.ts'
import { databaseKind } from '../../support/database.ts'
import {
  type ModelServer,
  modelServer,
  question,
  readAll,
  someone,
  spendingOf,
} from '../../support/model-server.ts'

const PARALLEL = 50
const TOKENS_PER_DAY = 100_000

let now = new Date('2026-03-31T22:00:00Z')
let site: ModelServer
beforeAll(async () => {
  site = await modelServer({
    variables: { USER_TOKENS_PER_DAY: String(TOKENS_PER_DAY) },
    overrides: { clock: { now: () => now } },
  })
})
afterAll(() => site[Symbol.asyncDispose]())

/** What one call of {@link question} holds. */
async function heldBy({ calls, server }: ModelServer): Promise<{ tokens: number; cost: number }> {
  const use = await someone(server)
  await calls.ask(use, question())
  const held = await spendingOf(server, use)
  return { tokens: held?.tokens ?? 0, cost: Number(held?.cost) }
}

async function limit(site: ModelServer, use: ModelUse, data: { maxTokens?: number; maxCost?: string }) {
  const { maxTokens, ...rest } = data
  await site.server.database.prisma.budget.create({
    data: {
      userId: use.actor.userId,
      period: 'day',
      ...rest,
      ...(maxTokens === undefined ? {} : { maxTokens: BigInt(maxTokens) }),
    },
  })
}

/** Asks at once, from all servers in turn; the answers of those that fitted. */
async function askAtOnce(sites: readonly ModelServer[], use: ModelUse) {
  const asked = Array.from({ length: PARALLEL }, async (_, index) => {
    const site = sites[index % sites.length]
    if (site === undefined) throw new Error('There is no server')
    return await site.calls.ask(use, question())
  })
  const outcomes = await Promise.allSettled(asked)
  const refusals = outcomes.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  for (const refusal of refusals) expect(refusal).toMatchObject({ reason: 'BUDGET_EXCEEDED' })
  return outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

describe('a budget is exact', () => {
  test('of fifty calls at once as many are made as fit, by tokens and by cost, and nothing stays held', async () => {
    const held = await heldBy(site)
    for (const data of [{ maxTokens: held.tokens * 7 + 1 }, { maxCost: (held.cost * 7).toFixed(9) }]) {
      const use = await someone(site.server)
      await limit(site, use, data)
      const fitted = await askAtOnce([site], use)
      expect(fitted).toHaveLength(7)
      expect((await spendingOf(site.server, use))?.tokens).toBe(held.tokens * 7)
      site.provider.answer(() => [{ text: 'Yes.' }, { usage: { inputTokens: 3, outputTokens: 1 } }])
      await Promise.all(fitted.map(({ parts }) => readAll(parts)))
      expect(await spendingOf(site.server, use)).toEqual({ tokens: 28, cost: '0.00028' })
      expect((await askAtOnce([site], use)).length).toBeGreaterThanOrEqual(6)
    }
  })

  if (databaseKind() === 'postgres') {
    test('across servers', async () => {
      await using other = await modelServer({
        beside: site.server,
        overrides: { clock: { now: () => now } },
      })
      const held = await heldBy(site)
      const use = await someone(site.server)
      await limit(site, use, { maxTokens: held.tokens * 11 })
      const fitted = await askAtOnce([site, other], use)
      expect(fitted).toHaveLength(11)
      await Promise.all(fitted.map(({ parts }) => readAll(parts)))
      const entries = await site.server.database.prisma.usageEntry.findMany({
        where: { userId: use.actor.userId },
      })
      const used = entries.reduce((sum, entry) => sum + entry.inputTokens + entry.outputTokens, 0)
      expect((await spendingOf(site.server, use))?.tokens).toBe(used)
    })
  }
})

describe('what a caller writes with its room', () => {
  const named =
    (use: ModelUse, from: string, to: string): AlongsideUsage =>
    (values, usage) =>
      `UPDATE users u SET full_name = ${values.bind(to, 'text')} FROM ${usage}
       WHERE u.id = ${values.bind(use.actor.userId, 'uuid')} AND u.full_name = ${values.bind(from, 'text')}`
  const nameOf = async ({ actor }: ModelUse) =>
    (await site.server.database.prisma.user.findUniqueOrThrow({ where: { id: actor.userId } })).fullName

  test('is there with it, once, and not without it', async () => {
    const { tokens } = await heldBy(site)
    const use = await someone(site.server)
    const first = await nameOf(use)
    await limit(site, use, { maxTokens: tokens * 2 })
    const asked = await site.calls.ask({ ...use, alongside: named(use, first, 'Second') }, question())
    expect([asked.noted, await nameOf(use)]).toEqual([true, 'Second'])
    const late = new AbortController()
    const again = { ...use, alongside: named(use, first, 'Third') }
    const { noted, bill } = await site.calls.ask(again, question('Well?', { signal: late.signal }))
    late.abort()
    expect([noted, await nameOf(use)]).toEqual([false, 'Second'])
    expect(await bill).toMatchObject({ inputTokens: 0, outputTokens: 0, cost: '0' })
    expect((await spendingOf(site.server, use))?.tokens).toBe(tokens)
    await site.calls.ask(use, question())
    const refused = site.calls.ask({ ...use, alongside: named(use, 'Second', 'Third') }, question())
    await expect(refused).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED' })
    expect(await nameOf(use)).toBe('Second')
  })
})

describe('which budget holds', () => {
  test('a user’s own before that of their role, and the server’s where there is none', async () => {
    const { prisma } = site.server.database
    const use = await someone(site.server)
    await site.calls.ask(use, question())
    const dayTokens = BigInt(TOKENS_PER_DAY - 10)
    await prisma.budgetSpending.update({ where: { userId: use.actor.userId }, data: { dayTokens } })
    await expect(site.calls.ask(use, question())).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED' })
    const { id } = await prisma.budget.create({
      data: { role: 'user', period: 'day', maxTokens: BigInt(TOKENS_PER_DAY * 2) },
    })
    await site.calls.ask(use, question())
    await limit(site, use, { maxTokens: 20 })
    await expect(site.calls.ask(use, question())).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED' })
    await prisma.budget.delete({ where: { id } })
    const admin: ModelUse = { ...use, actor: { ...use.actor, role: 'admin' } }
    await expect(site.calls.ask(admin, question())).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED' })
  })

  test('begins anew with the day, and says when', async () => {
    const { tokens } = await heldBy(site)
    const use = await someone(site.server)
    await limit(site, use, { maxTokens: tokens })
    const first = await site.calls.ask(use, question())
    await expect(site.calls.ask(use, question())).rejects.toMatchObject({
      reason: 'BUDGET_EXCEEDED',
      retryAfterMs: 2 * 3_600_000,
      message: expect.stringContaining('2026-04-01T00:00:00.000Z'),
    })
    now = new Date('2026-04-01T00:00:01Z')
    const second = await site.calls.ask(use, question())
    // What was held yesterday is nothing that today gives back.
    await readAll(first.parts)
    expect((await spendingOf(site.server, use))?.tokens).toBe(tokens)
    await readAll(second.parts)
    expect((await spendingOf(site.server, use))?.tokens).toBeLessThan(tokens)
  })

  test('a call larger than the whole budget is not told to wait', async () => {
    const use = await someone(site.server)
    await limit(site, use, { maxTokens: 5 })
    await expect(site.calls.ask(use, question())).rejects.toMatchObject({
      reason: 'BUDGET_EXCEEDED',
      retryAfterMs: undefined,
    })
  })
})
