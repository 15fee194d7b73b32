import { expect, test } from 'vitest'
import type { LlmPart, LlmProvider } from '../../../platform/llm/llm-provider.ts'
import type { Amount } from '../ledger/ledger-entry.ts'
import { meteredAnswer, type ReservedCall } from './metered-answer.ts'

/** A call whose provider says `texts`, a token per character, and never how many that were. */
function callOf(texts: readonly string[], signal: AbortSignal, maxOutputTokens = 100) {
  const written: Amount[] = []
  let asked = 0
  const provider: LlmProvider = {
    name: 'told',
    async *stream(): AsyncGenerator<LlmPart> {
      asked += 1
      for (const text of texts) yield { type: 'text', text }
    },
    generate: () => Promise.reject(new Error('not here')),
    embed: () => Promise.reject(new Error('not here')),
    countTokens: (_model, text) => text.length,
    isAvailable: () => Promise.resolve(true),
  }
  const call: ReservedCall = {
    usageId: 'one',
    provider,
    request: { model: 'm', messages: [], maxOutputTokens, signal },
    inputTokens: 7,
    ownKey: false,
    price: (tokens) => ({ ...tokens, cost: '0' }),
    settle: async (amount) => {
      written.push(amount)
      return true
    },
  }
  return { call, written, asked: () => asked }
}

test('a call that was aborted while room was held is given back, whether or not anybody reads', async () => {
  const { call, written, asked } = callOf(['Yes.'], AbortSignal.abort(new Error('Never mind')))
  const { bill, parts } = meteredAnswer(call)
  expect(await bill).toMatchObject({ inputTokens: 0, outputTokens: 0 })
  await expect(parts[Symbol.asyncIterator]().next()).rejects.toThrow('Never mind')
  expect(written).toHaveLength(1)
  expect(asked()).toBe(0)
})

test('a call that nobody reads on is settled when it is aborted, once', async () => {
  const controller = new AbortController()
  const { call, written } = callOf(['12345', '67890'], controller.signal)
  const { bill, parts } = meteredAnswer(call)
  const reader = parts[Symbol.asyncIterator]()
  await reader.next()
  controller.abort(new Error('Enough'))
  expect(await bill).toMatchObject({ inputTokens: 7, outputTokens: 5 })
  await reader.return?.()
  expect(written).toHaveLength(1)
})

test('what was counted too high is charged as what the call could come to', async () => {
  const { call } = callOf(['x'.repeat(40)], new AbortController().signal, 30)
  const { bill, parts } = meteredAnswer(call)
  for await (const part of parts) expect(part.type).toBe('text')
  expect(await bill).toMatchObject({ outputTokens: 30 })
})
