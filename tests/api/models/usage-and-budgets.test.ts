import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, expectRefused } from '../../support/expect-clean.ts'
import { field, mutate, query } from '../../support/http.ts'
import { type ModelServer, modelServer, question, readAll } from '../../support/model-server.ts'
import { addPerson, type LogIn, type Person, textOf } from '../../support/people.ts'

type Account = Person & LogIn

let site: ModelServer
let admin: Account
beforeAll(async () => {
  site = await modelServer()
  admin = await addPerson(site.server, 'admin', 'admin')
})
afterAll(() => site[Symbol.asyncDispose]())

const ask = (path: string, input: unknown, who: Account) => query(site.server.baseUrl, path, input, who)
const change = (path: string, input: unknown, who = admin) => mutate(site.server.baseUrl, path, input, who)

/** One call that comes to 700 tokens, and less than a cent. */
async function use(account: Account, runId?: string): Promise<void> {
  site.provider.answer(() => [{ text: 'Yes.' }, { usage: { inputTokens: 600, outputTokens: 100 } }])
  const who = { userId: account.id, role: 'user' } as const
  const more = runId === undefined ? {} : { runId }
  const { parts } = await site.calls.ask({ actor: who, purpose: 'chat', ...more }, question())
  await readAll(parts)
}

describe('usage', () => {
  test('is added up by model and by day, for oneself and for admins', async () => {
    const user = await addPerson(site.server)
    await use(user)
    await use(user)
    const sums = { calls: 2, inputTokens: 1_200, outputTokens: 200, cost: '0.014', ownKeyCost: '0' }
    const mine = expectOk(await ask('usage.mine', {}, user)).data
    expect(mine).toMatchObject({
      total: sums,
      byModel: [{ modelId: 'scripted:one', ...sums }],
      byDay: [{ day: new Date().toISOString().slice(0, 10), ...sums }],
      budgets: [
        { period: 'day', maxTokens: null, usedTokens: 1_400, usedCost: '0.014', remainingTokens: null },
        { period: 'month', usedTokens: 1_400 },
      ],
    })
    const seen = expectOk(await ask('usage.byUser', { userId: user.id }, admin)).data
    expect(field(seen, 'total')).toEqual(field(mine, 'total'))
    const nobody = expectOk(
      await ask('usage.mine', { from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z' }, user),
    )
    expect(nobody.data).toMatchObject({ total: { calls: 0, cost: '0' }, byModel: [], byDay: [] })
  })

  test('is nobody else’s, and of a year at most', async () => {
    const user = await addPerson(site.server)
    expectRefused(await ask('usage.byUser', { userId: admin.id }, user), 403)
    expectRefused(await ask('usage.byUser', { userId: randomUUID() }, admin), 404)
    expectRefused(await query(site.server.baseUrl, 'usage.mine', {}), 401)
    for (const from of ['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z']) {
      expect(expectRefused(await ask('usage.mine', { from }, user), 400).error).toMatchObject({
        issues: [{ field: 'from' }],
      })
    }
  })

  test('is listed call by call, with the price of each, to its user alone', async () => {
    const user = await addPerson(site.server)
    const runId = randomUUID()
    await use(user)
    await use(user, runId)
    const first = expectOk(await ask('usage.entries', { limit: 1 }, user))
    expect(field(first.data, 'data')).toMatchObject([
      { runId, state: 'settled', cost: '0.007', ownKey: false, price: { inputPerMillion: '10' } },
    ])
    const cursor = textOf(first, 'pagination', 'nextCursor')
    expect(field(expectOk(await ask('usage.entries', { cursor }, user)).data, 'data')).toMatchObject([
      { runId: null },
    ])
    const ofRun = expectOk(await ask('usage.entries', { runId, page: 1 }, user))
    expect(field(ofRun.data, 'pagination')).toMatchObject({ total: 1 })
    expect(field(expectOk(await ask('usage.entries', { runId }, admin)).data, 'data')).toEqual([])
  })
})

describe('budgets', () => {
  test('are set, changed, listed and removed by admins, and hold from the next call on', async () => {
    const user = await addPerson(site.server)
    await use(user)
    const subject = { userId: user.id, period: 'day' }
    const made = expectOk(await change('budgets.set', { ...subject, maxTokens: 710, maxCost: '5' })).data
    expect(made).toMatchObject({ ...subject, role: null, maxTokens: 710, maxCost: '5' })
    await expect(use(user)).rejects.toMatchObject({ reason: 'BUDGET_EXCEEDED' })
    expect(field(expectOk(await ask('usage.mine', {}, user)).data, 'budgets')).toMatchObject([
      { maxTokens: 710, usedTokens: 700, remainingTokens: 10, remainingCost: '4.993' },
      { maxTokens: null },
    ])
    const changed = expectOk(await change('budgets.set', { ...subject, maxTokens: 100_000 })).data
    expect(changed).toMatchObject({ id: field(made, 'id'), maxTokens: 100_000, maxCost: null })
    await use(user)
    expect(field(expectOk(await ask('budgets.list', { userId: user.id }, admin)).data, 'data')).toEqual([
      changed,
    ])
    const id = field(made, 'id')
    expect(expectOk(await change('budgets.remove', { id })).data).toEqual({ ok: true })
    expectRefused(await change('budgets.remove', { id }), 404)
  })

  test('are for a user or a role that there is, limit something, and are no matter of users', async () => {
    const user = await addPerson(site.server)
    const stranger = randomUUID()
    expect(
      expectRefused(await change('budgets.set', { userId: stranger, period: 'day', maxTokens: 1 }), 400)
        .error,
    ).toMatchObject({ issues: [{ field: 'userId' }] })
    expectRefused(await change('budgets.set', { userId: user.id, period: 'day' }), 400)
    expectRefused(
      await change('budgets.set', { userId: user.id, role: 'user', period: 'day', maxTokens: 1 }),
      400,
    )
    expectRefused(await change('budgets.set', { role: 'user', period: 'day', maxCost: '-1' }), 400)
    expectRefused(await change('budgets.set', { userId: user.id, period: 'day', maxTokens: 1 }, user), 403)
    expectRefused(await ask('budgets.list', {}, user), 403)
    expectRefused(await change('budgets.remove', { id: stranger }, user), 403)
  })
})
