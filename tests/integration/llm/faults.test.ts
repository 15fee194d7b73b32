import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LlmError } from '../../../server/src/platform/llm/llm-error.ts'
import type { LlmPart, LlmProvider } from '../../../server/src/platform/llm/llm-provider.ts'
import { faults, VENDOR_SECRET } from '../../support/llm/faults.ts'
import { question, registryAt, type TestRegistry, VENDORS } from '../../support/llm/providers.ts'
import type { Answer } from '../../support/llm/script.ts'
import { startVendorServer, type VendorServer } from '../../support/llm/vendor-server.ts'
import { until } from '../../support/until.ts'

describe.each(VENDORS)('when $name is ill', ({ name, model }) => {
  let server: VendorServer
  let registry: TestRegistry
  let provider: LlmProvider

  beforeAll(async () => {
    server = await startVendorServer()
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(() => {
    registry = registryAt(server, { LLM_BREAKER_FAILURES: '1000' })
    provider = registry.get(name)
  })
  afterEach(() => registry[Symbol.asyncDispose]())

  /** What comes before the failure, and the failure. */
  async function fail(answer: () => Answer) {
    server.answer(answer)
    const parts: LlmPart[] = []
    let error: unknown
    try {
      for await (const part of provider.stream(question(model))) parts.push(part)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(LlmError)
    const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
    const failed = error instanceof LlmError ? error : undefined
    expect(failed?.message).not.toContain(VENDOR_SECRET)
    return { failure: failed?.failure, retryAfterMs: failed?.retryAfterMs, text }
  }
  const vendorIsLeft = () => until('the vendor is left', () => server.requests.at(-1)?.leftAt)

  test('that stops before the end has not answered', async () => {
    expect(await fail(() => faults.stop())).toMatchObject({ failure: 'unavailable', text: 'It begins ' })
  })

  test('whose connection is reset, at once or half-way', async () => {
    expect(await fail(faults.resetAtOnce)).toMatchObject({ failure: 'unavailable', text: '' })
    expect(await fail(() => faults.reset(delay(100)))).toMatchObject({
      failure: 'unavailable',
      text: 'It begins ',
    })
  })

  test.each([
    ['an event that is no JSON', faults.badJson, 'bad_answer'],
    // Half an event is none: the answer has stopped before its end.
    ['half an event', faults.halfJson, 'unavailable'],
  ] as const)('that sends %s', async (_what, fault, failure) => {
    expect(await fail(fault)).toMatchObject({ failure, text: 'It begins ' })
  })

  test.each([
    ['a web page', () => faults.html(), 'bad_answer'],
    ['a web page with a status', () => faults.html(502), 'unavailable'],
    ['megabytes', () => faults.huge(), 'bad_answer'],
    ['a redirect', () => faults.redirect('http://127.0.0.1:9/elsewhere'), 'rejected'],
    ['an error of its own', () => faults.status(500), 'unavailable'],
    ['that the key is wrong', () => faults.status(401), 'key_refused'],
    ['that the model is unknown', () => faults.status(404), 'rejected'],
  ] as const)('that answers with %s', async (_what, fault, failure) => {
    expect(await fail(fault)).toMatchObject({ failure, text: '' })
  })

  test('that takes no more calls, with and without a time', async () => {
    expect(await fail(() => faults.tooManyRequests('7'))).toMatchObject({
      failure: 'rate_limited',
      retryAfterMs: 7_000,
    })
    expect(await fail(() => faults.tooManyRequests())).toMatchObject({
      failure: 'rate_limited',
      retryAfterMs: undefined,
    })
  })

  test('that finds the conversation too long', async () => {
    const body = JSON.stringify({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
        status: 'INVALID_ARGUMENT',
        message: 'The input token count (9) exceeds the maximum context length: prompt is too long',
      },
    })
    expect(await fail(() => [{ status: 400, body }])).toMatchObject({ failure: 'too_long' })
  })

  test('that knows no end is cut off at the limit, and left', async () => {
    server.answer(() => faults.endless())
    const answer = await provider.generate(question(model, { maxOutputTokens: 50 }))
    expect(answer.reason).toBe('length')
    expect(answer.usage.outputTokens).toBeLessThanOrEqual(50)
    expect(answer.text.length).toBeLessThan(1_000)
    await vendorIsLeft()
  })

  test('a word as large as a book is not taken', async () => {
    const { failure } = await fail(() => faults.hugeToken())
    expect(failure).toBe('bad_answer')
  })

  test('fields that nobody knows do no harm', async () => {
    server.answer(() => faults.unknownFields('All is well.'))
    expect(await provider.generate(question(model))).toMatchObject({ text: 'All is well.', reason: 'stop' })
  })

  test('arguments of a tool that are no JSON come as the model wrote them', async () => {
    const tool = { name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }
    server.answer(() => [{ call: 'look', input: '{"place": "Be' }])
    const { toolCalls } = await provider.generate(question(model, { tools: [tool] }))
    expect(toolCalls).toMatchObject([{ name: 'look', input: '{"place": "Be' }])
  })
})

describe.each(VENDORS.filter(({ name }) => name !== 'anthropic'))('vectors of $name', ({ name }) => {
  let server: VendorServer
  let registry: TestRegistry

  beforeAll(async () => {
    server = await startVendorServer()
    registry = registryAt(server, { LLM_BREAKER_FAILURES: '1000' })
  })
  afterAll(async () => {
    await registry[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  test.each([
    ['no numbers', [[Number.NaN, 1]]],
    ['numbers without end', [[Number.POSITIVE_INFINITY, 1]]],
    ['too few of them', []],
    [
      'different lengths',
      [
        [1, 2],
        [1, 2, 3],
      ],
    ],
    ['nothing', [[], []]],
  ])('with %s are refused', async (_what, vectors) => {
    server.embed(() => ({ vectors }))
    const texts = vectors.length === 2 ? ['one', 'two'] : ['one']
    await expect(
      registry.get(name).embed({ model: 'embed-1', texts, as: 'query', signal: AbortSignal.timeout(9_000) }),
    ).rejects.toMatchObject({ failure: 'bad_answer' })
  })
})
