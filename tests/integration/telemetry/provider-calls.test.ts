import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Telemetry } from '../../../server/src/platform/telemetry/index.ts'
import { faults } from '../../support/llm/faults.ts'
import { question, registryAt, type TestRegistry } from '../../support/llm/providers.ts'
import { startVendorServer, type VendorServer } from '../../support/llm/vendor-server.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { until } from '../../support/until.ts'
import { observe } from './observed-server.ts'

let collector: OtlpReceiver
let telemetry: Telemetry
let vendor: VendorServer
let registry: TestRegistry

beforeAll(async () => {
  collector = await startOtlpReceiver()
  telemetry = await observe(collector.endpoint)
  vendor = await startVendorServer()
  registry = registryAt(vendor)
})
afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await vendor[Symbol.asyncDispose]()
  await telemetry.close(5_000)
  await collector[Symbol.asyncDispose]()
})

test('a call of a model is a span with its tokens, and without a word of what was said', async () => {
  vendor.answer(() => [{ text: 'a secret answer' }, { usage: { inputTokens: 12, outputTokens: 4 } }])
  await registry.get('openai').generate(question('gpt-4o-mini'))
  const span = await collector.span('the call', ({ name }) => name === 'chat gpt-4o-mini')
  expect(span).toMatchObject({ kind: 'client', failed: false })
  expect(span.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(vendor.origin).port),
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.usage.output_tokens': 4,
  })
  await until('its numbers', () =>
    collector.metrics.has('gen_ai.client.operation.duration') ? true : undefined,
  )
  expect([...collector.metrics]).toEqual(
    expect.arrayContaining(['gen_ai.server.time_to_first_token', 'plinth.llm.tokens']),
  )
  expect(collector.text()).not.toMatch(/secret answer|How are you|platform-key/)
})

test('a call that fails is a failed span, by kind of failure', async () => {
  vendor.answer(() => faults.status(500))
  await expect(registry.get('openai').generate(question('gpt-4.1'))).rejects.toThrow()
  const span = await collector.span('the call', ({ name }) => name === 'chat gpt-4.1')
  expect(span.failed).toBe(true)
  expect(span.attributes).toMatchObject({ 'error.type': 'unavailable' })
})
