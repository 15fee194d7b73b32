import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../../server/src/contract/errors.ts'
import type { LlmFailure } from '../../../server/src/platform/llm/llm-error.ts'
import { type RequestContext, runInContext } from '../../../server/src/platform/request-context.ts'
import {
  type ModelServer,
  modelServer,
  question,
  readAll,
  someone,
  spendingOf,
} from '../../support/model-server.ts'

let site: ModelServer
beforeAll(async () => {
  site = await modelServer()
})
afterAll(() => site[Symbol.asyncDispose]())

const entryOf = (id: string) => site.server.database.prisma.usageEntry.findUniqueOrThrow({ where: { id } })
const never = new Promise<void>(() => undefined)

describe('a call of a model', () => {
  test('is in the ledger before its first part, and settled with what the provider counted', async () => {
    const use = await someone(site.server)
    site.provider.answer(() => [{ text: 'Yes.' }, { usage: { inputTokens: 7, outputTokens: 3 } }])
    const answer = await site.calls.ask(use, question())
    const before = await entryOf(answer.usageId)
    expect(before).toMatchObject({
      state: 'reserved',
      userId: use.actor.userId,
      modelId: 'scripted:one',
      outputTokens: 0,
    })
    expect(await spendingOf(site.server, use)).toEqual({
      tokens: before.reservedTokens,
      cost: before.reservedCost.toString(),
    })
    expect((await readAll(answer.parts)).map(({ type }) => type)).toEqual(['text', 'finish'])
    const bill = { usageId: answer.usageId, inputTokens: 7, outputTokens: 3, cost: '0.0001' }
    expect(await answer.bill).toEqual(bill)
    expect(await entryOf(answer.usageId)).toMatchObject({ state: 'settled', inputTokens: 7, outputTokens: 3 })
    expect(await spendingOf(site.server, use)).toEqual({ tokens: 10, cost: '0.0001' })
  })

  test('that is aborted in the middle costs what was received', async () => {
    const use = await someone(site.server)
    const controller = new AbortController()
    site.provider.answer(() => [{ text: 'x'.repeat(40) }, { wait: never }])
    const answer = await site.calls.ask(use, question('Well?', { signal: controller.signal }))
    const { inputTokens } = await entryOf(answer.usageId)
    const reading = (async () => {
      for await (const part of answer.parts) if (part.type === 'text') controller.abort(new Error('Enough'))
    })()
    await expect(reading).rejects.toThrow('Enough')
    expect(await answer.bill).toMatchObject({ inputTokens, outputTokens: 10 })
    expect((await spendingOf(site.server, use))?.tokens).toBe(inputTokens + 10)
  })

  test('whose reader leaves is ended, and costs what was received', async () => {
    const use = await someone(site.server)
    const before = site.provider.aborted()
    site.provider.answer(() => [{ text: 'x'.repeat(40) }, { text: 'y'.repeat(400) }])
    const answer = await site.calls.ask(use, question())
    for await (const part of answer.parts) if (part.type === 'text') break
    expect(await answer.bill).toMatchObject({ outputTokens: 10 })
    expect(site.provider.aborted()).toBe(before + 1)
  })

  test('that is aborted before anybody read of it was not made, and holds nothing', async () => {
    const use = await someone(site.server)
    const controller = new AbortController()
    const asked = site.provider.requests.length
    const answer = await site.calls.ask(use, question('Well?', { signal: controller.signal }))
    controller.abort(new Error('Never mind'))
    expect(await answer.bill).toMatchObject({ inputTokens: 0, outputTokens: 0, cost: '0' })
    await expect(readAll(answer.parts)).rejects.toThrow('Never mind')
    expect(site.provider.requests.length).toBe(asked)
    expect(await spendingOf(site.server, use)).toEqual({ tokens: 0, cost: '0' })
  })

  test('that its provider sends away costs nothing; one that breaks off costs what came', async () => {
    const use = await someone(site.server)
    site.provider.answer(() => [{ fail: 'rate_limited', retryAfterMs: 7_000 }])
    const refused = await site.calls.ask(use, question())
    await expect(readAll(refused.parts)).rejects.toMatchObject({
      reason: 'PROVIDER_RATE_LIMITED',
      retryAfterMs: 7_000,
    })
    expect(await refused.bill).toMatchObject({ inputTokens: 0, outputTokens: 0, cost: '0' })

    site.provider.answer(() => [{ text: 'x'.repeat(40) }, { fail: 'bad_answer' }])
    const broken = await site.calls.ask(use, question())
    await expect(readAll(broken.parts)).rejects.toMatchObject({ reason: 'PROVIDER_BAD_ANSWER' })
    const bill = await broken.bill
    expect(bill).toMatchObject({ outputTokens: 10 })
    expect(bill?.inputTokens).toBeGreaterThan(0)
  })

  test.each([
    ['unavailable', 'PROVIDER_UNAVAILABLE'],
    ['timeout', 'PROVIDER_TIMEOUT'],
    ['key_refused', 'PROVIDER_KEY_REFUSED'],
    ['rejected', 'PROVIDER_REFUSED'],
    ['too_long', 'CONTEXT_TOO_LONG'],
  ] as const satisfies readonly (readonly [LlmFailure, string])[])('%s is %s', async (failure, reason) => {
    site.provider.answer(() => [{ fail: failure }])
    const answer = await site.calls.ask(await someone(site.server), question())
    const error: unknown = await readAll(answer.parts).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ reason })
  })

  test('goes by the price of the moment it began, whatever is set meanwhile', async () => {
    const use = await someone(site.server)
    site.provider.answer(() => [{ text: 'Yes.' }, { usage: { inputTokens: 1_000, outputTokens: 0 } }])
    const answer = await site.calls.ask(use, question())
    const { id: later } = await site.server.database.prisma.modelPrice.create({
      data: {
        modelId: 'scripted:one',
        inputPerMillion: '99',
        outputPerMillion: '99',
        validFrom: new Date(),
      },
    })
    await site.server.app.cache.deleteByTag('models.catalogue')
    await readAll(answer.parts)
    expect(await answer.bill).toMatchObject({ cost: '0.01' })
    const next = await site.calls.ask(use, question())
    await readAll(next.parts)
    expect(await next.bill).toMatchObject({ cost: '0.099' })
    expect((await entryOf(next.usageId)).priceId).toBe(later)
    expect((await entryOf(answer.usageId)).priceId).not.toBe(later)
    await site.server.database.prisma.usageEntry.updateMany({
      where: { priceId: later },
      data: { priceId: null },
    })
    await site.server.database.prisma.modelPrice.delete({ where: { id: later } })
    await site.server.app.cache.deleteByTag('models.catalogue')
  })

  test('takes two round trips: one before it begins, one after it ended', async () => {
    const use = await someone(site.server)
    site.provider.answer(() => [{ text: 'Yes.' }])
    await readAll((await site.calls.ask(use, question())).parts)
    const counted: RequestContext = {
      traceId: 'counted',
      surface: 'system',
      ip: undefined,
      userAgent: undefined,
      roundTrips: 0,
    }
    await runInContext(counted, async () => {
      await site.calls.chatModel(use.actor)
      const answer = await site.calls.ask(use, question())
      await readAll(answer.parts)
      await answer.bill
    })
    expect(counted.roundTrips).toBe(2)
  })
})

describe('a call whose process died', () => {
  test('is settled once, with the text that was kept', async () => {
    const use = await someone(site.server)
    const { usageId } = await site.calls.ask(use, question())
    const { inputTokens } = await entryOf(usageId)
    const { prisma } = site.server.database
    const bills = await Promise.all(
      ['x'.repeat(40), 'x'.repeat(80)].map((text) =>
        prisma.$transaction((tx) => site.calls.settleAbandoned(tx, usageId, text)),
      ),
    )
    expect(bills[0]).toEqual(bills[1])
    expect(bills[0]).toMatchObject({ usageId, inputTokens })
    expect((await spendingOf(site.server, use))?.tokens).toBe(inputTokens + (bills[0]?.outputTokens ?? 0))
    expect(await site.calls.settleAbandoned(prisma, use.actor.userId, '')).toBeNull()
  })

  test('that nobody asks about is swept when its time is long up, and not before', async () => {
    const use = await someone(site.server)
    const dead = await site.calls.ask(use, question())
    const alive = await site.calls.ask(use, question())
    await site.server.database.prisma.usageEntry.update({
      where: { id: dead.usageId },
      data: { createdAt: new Date(Date.now() - 3_600_000) },
    })
    const [job] = site.server.app.models.jobs
    const call = { signal: AbortSignal.timeout(60_000), payload: {}, id: 'x', attempt: 1, actor: null }
    await job?.run({
      ...call,
      progress: async () => undefined,
      unit: { commit: () => Promise.reject(new Error('It commits nothing')) },
    })
    expect((await entryOf(dead.usageId)).state).toBe('settled')
    const { state, reservedTokens } = await entryOf(alive.usageId)
    expect(state).toBe('reserved')
    const { inputTokens } = await entryOf(dead.usageId)
    expect((await spendingOf(site.server, use))?.tokens).toBe(reservedTokens + inputTokens)
  })
})

describe('an embedding', () => {
  test('is in the ledger, settled, with what it cost', async () => {
    const use = await someone(site.server)
    const { id } = await site.calls.embeddingModel()
    const vectors = await site.calls.embed(
      { ...use, purpose: 'embedding' },
      { modelId: id, texts: ['one', 'two'], as: 'document', signal: AbortSignal.timeout(60_000) },
    )
    expect(vectors).toHaveLength(2)
    const entries = await site.server.database.prisma.usageEntry.findMany({
      where: { userId: use.actor.userId },
    })
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({ modelId: id, purpose: 'embedding', state: 'settled' })
    expect(entries[0]?.inputTokens).toBeGreaterThan(0)
  })
})
