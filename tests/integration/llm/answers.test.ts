import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LlmError } from '../../../server/src/platform/llm/llm-error.ts'
import type { LlmPart, LlmProvider } from '../../../server/src/platform/llm/llm-provider.ts'
import { question, registryAt, type TestRegistry, VENDORS } from '../../support/llm/providers.ts'
import { saying } from '../../support/llm/script.ts'
import { startVendorServer, type VendorServer, vendorKey } from '../../support/llm/vendor-server.ts'
import { until } from '../../support/until.ts'

const WEATHER = {
  name: 'weather.get',
  description: 'The weather of a place.',
  inputSchema: {
    type: 'object',
    properties: { place: { type: 'string' } },
    required: ['place'],
    additionalProperties: false,
  },
}

describe.each(VENDORS)('what $name answers', ({ vendor, name, model }) => {
  let server: VendorServer
  let registry: TestRegistry
  let provider: LlmProvider

  beforeAll(async () => {
    server = await startVendorServer()
    registry = registryAt(server)
    provider = registry.get(name)
  })
  afterAll(async () => {
    await registry[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(() => server.answer(saying('I am well, thank you.')))
  const asked = () => server.questions().at(-1)

  test('streams text as it comes, and ends with the reason and the tokens', async () => {
    server.answer(() => [
      { text: 'I am ' },
      { text: 'well.' },
      { usage: { inputTokens: 12, outputTokens: 4 } },
    ])
    const parts: LlmPart[] = []
    for await (const part of provider.stream(question(model))) parts.push(part)
    expect(parts).toEqual([
      { type: 'text', text: 'I am ' },
      { type: 'text', text: 'well.' },
      { type: 'finish', reason: 'stop', usage: { inputTokens: 12, outputTokens: 4 } },
    ])
  })

  test('the first words are there while the vendor is still writing', async () => {
    const more = Promise.withResolvers<void>()
    server.answer(() => [{ text: 'First' }, { wait: more.promise }, { text: ' second' }])
    const parts = provider.stream(question(model))[Symbol.asyncIterator]()
    expect((await parts.next()).value).toEqual({ type: 'text', text: 'First' })
    more.resolve()
    expect((await parts.next()).value).toEqual({ type: 'text', text: ' second' })
    await parts.return?.()
  })

  test('a whole answer', async () => {
    expect(await provider.generate(question(model))).toMatchObject({
      text: 'I am well, thank you.',
      toolCalls: [],
      reason: 'stop',
    })
  })

  test('asks with the key, the model, every message in order and the limit', async () => {
    await provider.generate(
      question(model, {
        messages: [
          { role: 'system', text: 'Be short.' },
          { role: 'user', text: 'One?' },
          { role: 'assistant', text: 'Two.' },
          { role: 'system', text: 'Be kind.' },
          { role: 'user', text: 'Three?' },
        ],
        maxOutputTokens: 77,
      }),
    )
    expect(asked()?.key).toBe(vendorKey(vendor))
    expect(asked()?.question).toMatchObject({
      model,
      maxOutputTokens: 77,
      messages: [
        { role: 'system', text: 'Be short.\n\nBe kind.' },
        { role: 'user', text: 'One?' },
        { role: 'assistant', text: 'Two.' },
        { role: 'user', text: 'Three?' },
      ],
    })
  })

  test('calls tools, and goes on with what came of them', async () => {
    server.answer((_question, nth) =>
      nth % 2 === 0
        ? [{ text: 'I look.' }, { call: theirName(), input: { place: 'Bern' } }]
        : [{ text: 'It rains.' }],
    )
    const theirName = () => asked()?.question.tools[0]?.name ?? ''
    const first = await provider.generate(question(model, { tools: [WEATHER] }))
    expect(first).toMatchObject({ text: 'I look.', reason: 'tool-calls' })
    expect(first.toolCalls).toEqual([
      { id: expect.stringMatching(/./), name: 'weather.get', input: { place: 'Bern' } },
    ])
    expect(theirName()).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(asked()?.question.tools[0]?.inputSchema).toMatchObject({
      type: 'object',
      properties: { place: { type: 'string' } },
    })

    const id = first.toolCalls[0]?.id ?? ''
    const second = await provider.generate(
      question(model, {
        tools: [WEATHER],
        messages: [
          { role: 'user', text: 'The weather?' },
          { role: 'assistant', text: first.text, toolCalls: first.toolCalls },
          { role: 'tool', callId: id, name: 'weather.get', text: '{"sky":"rain"}' },
        ],
      }),
    )
    expect(second.text).toBe('It rains.')
    const [, turn, result] = asked()?.question.messages ?? []
    expect(turn).toMatchObject({
      role: 'assistant',
      text: 'I look.',
      toolCalls: [{ name: theirName(), input: { place: 'Bern' } }],
    })
    expect(result).toMatchObject({ role: 'tool', name: theirName() })
    expect(JSON.stringify(result)).toContain('rain')
  })

  test('counts for itself when the vendor does not', async () => {
    server.answer(() => [{ text: 'I am well, thank you.' }, { usage: 'none' }])
    const { usage } = await provider.generate(question(model))
    expect(usage.inputTokens).toBeGreaterThan(4)
    expect(usage.outputTokens).toBeGreaterThan(4)
    expect(usage.outputTokens).toBeLessThan(16)
  })

  test('an answer that reached the limit says so', async () => {
    server.answer(() => [{ text: 'I am' }, { reason: 'length' }])
    expect(await provider.generate(question(model))).toMatchObject({ text: 'I am', reason: 'length' })
  })

  test('aborting stops the vendor, and rejects with the reason of the signal', async () => {
    server.answer(() => [{ text: 'It begins ' }, { end: 'hang' }])
    const left = new AbortController()
    const parts = provider.stream(question(model, { signal: left.signal }))[Symbol.asyncIterator]()
    await parts.next()
    const reason = new Error('The user left')
    const aborted = performance.now()
    left.abort(reason)
    await expect(parts.next()).rejects.toBe(reason)
    const leftAt = await until('the vendor sees it', () => asked()?.leftAt)
    expect(leftAt - aborted).toBeLessThan(2_000)
  })

  test('who stops reading stops the vendor', async () => {
    server.answer(() => [{ text: 'It begins ' }, { end: 'hang' }])
    for await (const part of provider.stream(question(model))) {
      expect(part).toEqual({ type: 'text', text: 'It begins ' })
      break
    }
    await until('the vendor sees it', () => asked()?.leftAt)
  })

  test('vectors, one per text and in order, however many', async () => {
    const texts = Array.from({ length: 130 }, (_, nth) => `text number ${nth}`)
    server.embed((ask) => ({ vectors: ask.texts.map((text) => [Number(/\d+/.exec(text)?.[0]), 1, 0]) }))
    const made = provider.embed({
      model: 'embed-1',
      texts,
      as: 'document',
      signal: AbortSignal.timeout(9_000),
    })
    if (vendor === 'anthropic') {
      await expect(made).rejects.toMatchObject({ failure: 'rejected' })
      return
    }
    const { vectors, inputTokens } = await made
    expect(vectors).toEqual(texts.map((_, nth) => Float32Array.of(nth, 1, 0)))
    expect(inputTokens).toBeGreaterThan(100)
  })

  test('is there', async () => {
    expect(await provider.isAvailable(AbortSignal.timeout(5_000))).toBe(true)
  })

  test('an error is one of ours, with nothing of the vendor in its message', async () => {
    server.answer(() => [
      { status: 400, body: JSON.stringify({ error: { message: `no, ${vendorKey(vendor)}` } }) },
    ])
    const error: unknown = await provider.generate(question(model)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LlmError)
    expect(error).toMatchObject({ failure: 'rejected', message: `${name}: refused the request.` })
    expect(JSON.stringify(error) + String(error instanceof Error && error.cause)).not.toContain(
      vendorKey(vendor),
    )
  })
})
