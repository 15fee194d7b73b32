import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LlmProvider } from '../../../server/src/platform/llm/llm-provider.ts'
import { faults } from '../../support/llm/faults.ts'
import { question, registryAt, type TestRegistry } from '../../support/llm/providers.ts'
import { saying } from '../../support/llm/script.ts'
import { startVendorServer, type VendorServer } from '../../support/llm/vendor-server.ts'
import { timed, until } from '../../support/until.ts'

const OPEN_MS = 300
const GPT = 'gpt-4o-mini'
const CLAUDE = 'claude-sonnet-4-5'

let server: VendorServer
let registry: TestRegistry

beforeEach(async () => {
  server = await startVendorServer()
  registry = registryAt(server, {
    LLM_BREAKER_FAILURES: '3',
    LLM_BREAKER_OPEN_MS: String(OPEN_MS),
    LLM_MAX_CALLS: '2',
    LLM_FIRST_TOKEN_TIMEOUT_MS: '3000',
    OUTBOUND_PRIVATE_HOSTS: '127.0.0.1',
  })
})
afterEach(async () => {
  await registry[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const ask = (provider: LlmProvider, model = GPT) => provider.generate(question(model))
const openai = () => registry.get('openai')
const ownKey = (name: string, userId: string, baseUrl?: string): LlmProvider => {
  const provider = registry.registry.withKey(name, { apiKey: `key-of-${userId}`, baseUrl, userId })
  if (provider === undefined) throw new Error(`${name} takes no such key`)
  return provider
}
async function failTimes(times: number, provider: LlmProvider): Promise<void> {
  for (let nth = 0; nth < times; nth += 1) {
    await expect(ask(provider)).rejects.toMatchObject({ failure: 'unavailable' })
  }
}

describe('the breaker', () => {
  test('opens after failures in a row: calls end at once, and the vendor is left alone', async () => {
    server.answer(() => faults.status(500))
    await failTimes(3, openai())
    const { ms } = await timed(() => failTimes(20, openai()))
    expect(ms).toBeLessThan(500)
    expect(server.questions()).toHaveLength(3)
    expect(await openai().isAvailable(AbortSignal.timeout(1_000))).toBe(false)
  })

  test('says when to come back', async () => {
    server.answer(() => faults.status(500))
    await failTimes(3, openai())
    await expect(ask(openai())).rejects.toMatchObject({ failure: 'unavailable', retryAfterMs: 1_000 })
  })

  test('lets one call try after a while, and closes when it goes well', async () => {
    server.answer(() => faults.status(500))
    await failTimes(3, openai())
    const release = Promise.withResolvers<void>()
    server.answer(() => [{ wait: release.promise }, { text: 'well again' }])
    const trial = until('a call is tried', () => ask(openai()).catch(() => undefined))
    await until('it is at the vendor', () => (server.questions().length === 4 ? true : undefined))
    await failTimes(5, openai())
    expect(server.questions()).toHaveLength(4)
    release.resolve()
    expect((await trial).text).toBe('well again')
    expect((await ask(openai())).text).toBe('well again')
  })

  test('opens again, for longer, when the trial fails', async () => {
    server.answer(() => faults.status(500))
    await failTimes(3, openai())
    await until('a trial fails', async () => {
      await failTimes(1, openai())
      return server.questions().length === 4 ? true : undefined
    })
    const { ms } = await timed(() =>
      until('the next trial', async () => {
        await failTimes(1, openai())
        return server.questions().length === 5 ? true : undefined
      }),
    )
    expect(ms).toBeGreaterThan(OPEN_MS * 1.5)
  })

  test.each([
    ['a refused key', () => faults.status(401), 'key_refused'],
    ['too many calls', () => faults.tooManyRequests(), 'rate_limited'],
    ['a model that is not there', () => faults.status(404), 'rejected'],
  ] as const)('is not opened by %s', async (_what, fault, failure) => {
    server.answer(fault)
    for (let nth = 0; nth < 6; nth += 1) await expect(ask(openai())).rejects.toMatchObject({ failure })
    expect(server.questions()).toHaveLength(6)
  })

  test('is not opened by users who leave', async () => {
    server.answer(() => faults.silence())
    for (let nth = 0; nth < 4; nth += 1) {
      const left = new AbortController()
      const answer = openai().generate(question(GPT, { signal: left.signal }))
      await until('it is asked', () => (server.questions().length > nth ? true : undefined))
      left.abort(new Error('left'))
      await expect(answer).rejects.toThrow('left')
    }
    server.answer(saying('Here I am.'))
    expect((await ask(openai())).text).toBe('Here I am.')
  })

  test('counts answers that stop half-way', async () => {
    server.answer(() => faults.stop())
    await failTimes(4, openai())
    expect(server.questions()).toHaveLength(3)
  })

  test('counts vectors that never come', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await using impatient = registryAt(server, {
      LLM_BREAKER_FAILURES: '2',
      LLM_FIRST_TOKEN_TIMEOUT_MS: '300',
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    })
    const embed = () =>
      impatient.get('openai').embed({
        model: 'text-embedding-3-small',
        texts: ['one'],
        as: 'query',
        signal: AbortSignal.timeout(20_000),
      })
    for (let nth = 0; nth < 2; nth += 1) await expect(embed()).rejects.toMatchObject({ failure: 'timeout' })
    await expect(embed()).rejects.toMatchObject({ failure: 'unavailable' })
    silent.closeAllConnections()
    silent.close()
  })

  test('of one provider is nothing to the others, nor to users with a key or an address of their own', async () => {
    server.answer((asked) => (asked.model === GPT ? faults.status(500) : [{ text: 'well' }]))
    await failTimes(4, openai())
    expect((await ask(registry.get('anthropic'), CLAUDE)).text).toBe('well')
    expect((await ask(ownKey('openai', 'ann'), 'gpt-4.1')).text).toBe('well')
    const own = ownKey('openai-compatible', 'bob', server.urls.compatible)
    await failTimes(4, own)
    expect((await ask(registry.get('openai-compatible'), 'stub-large')).text).toBe('well')
    expect((await ask(ownKey('openai-compatible', 'eve', server.urls.compatible), 'stub')).text).toBe('well')
  })
})

describe('calls under way', () => {
  test('are bounded by provider: what is too much waits or is refused, and other providers do not notice', async () => {
    const release = Promise.withResolvers<void>()
    server.answer((asked) =>
      asked.model === GPT ? [{ wait: release.promise }, { text: 'late' }] : [{ text: 'at once' }],
    )
    const stuck = Array.from({ length: 10 }, () => ask(openai()).then((answer) => answer.text, failureOf))
    // Two run, four wait, four are refused.
    await until('four are refused', async () => {
      const settled = await Promise.all(stuck.map((call) => Promise.race([call, undefined])))
      return settled.filter((text) => text === 'rate_limited').length === 4 ? true : undefined
    })
    await until('two are at the vendor', () => (server.questions().length >= 2 ? true : undefined))
    expect(server.questions()).toHaveLength(2)
    const { ms, answer } = await timed(() => ask(registry.get('anthropic'), CLAUDE))
    expect(answer.text).toBe('at once')
    expect(ms).toBeLessThan(2_000)
    release.resolve()
    const ends = await Promise.all(stuck)
    expect(ends.filter((text) => text === 'late')).toHaveLength(6)
  })

  test('whose readers stop without a word give their places back: when they are aborted, or their time is up', async () => {
    await using small = registryAt(server, { LLM_MAX_CALLS: '1', LLM_TOTAL_TIMEOUT_MS: '1000' })
    const provider = small.get('openai')
    server.answer(() => [{ text: 'It begins ' }, { text: 'and goes on.' }])
    const left = new AbortController()
    for (const signal of [left.signal, AbortSignal.timeout(20_000)]) {
      const reader = provider.stream(question(GPT, { signal }))[Symbol.asyncIterator]()
      expect(await reader.next()).toMatchObject({ value: { type: 'text' } })
      left.abort(new Error('left'))
    }
    expect((await ask(provider)).text).toBe('It begins and goes on.')
  })

  test('of a user who leaves while waiting are never made', async () => {
    const release = Promise.withResolvers<void>()
    server.answer(() => [{ wait: release.promise }, { text: 'late' }])
    const running = [ask(openai()), ask(openai())]
    await until('both run', () => (server.questions().length === 2 ? true : undefined))
    const left = new AbortController()
    const waiting = openai().generate(question(GPT, { signal: left.signal }))
    left.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    release.resolve()
    await Promise.all(running)
    expect(server.questions()).toHaveLength(2)
  })
})

test('the demo provider needs no settings', async () => {
  const demo = registry.get('demo')
  expect(await demo.isAvailable(AbortSignal.timeout(1_000))).toBe(true)
  expect((await ask(demo, 'answers')).text).not.toBe('')
  expect(registry.registry.list().filter(({ configured }) => configured)).toHaveLength(5)
})

describe('keys', () => {
  test('of users go with their calls, and the platform’s never do', async () => {
    await ask(ownKey('openai', 'ann'))
    await ask(ownKey('openai-compatible', 'bob', server.urls.compatible), 'stub')
    expect(server.requests.map(({ key }) => key)).toEqual(['key-of-ann', 'key-of-bob'])
    const everything = JSON.stringify(server.requests.map(({ headers, body }) => [headers, body]))
    expect(everything).not.toContain('platform-key')
  })

  test('with an address are only for providers that take one, and those need one', () => {
    const { registry: all } = registry
    const key = { apiKey: 'k', userId: 'ann' }
    for (const name of ['openai', 'anthropic', 'gemini']) {
      expect(all.withKey(name, { ...key, baseUrl: 'https://models.example.com' })).toBeUndefined()
      expect(all.withKey(name, key)).toBeDefined()
    }
    expect(all.withKey('openai-compatible', key)).toBeUndefined()
    expect(all.withKey('nobody', key)).toBeUndefined()
  })

  test('are not sent on by a redirect', async () => {
    await using elsewhere = await startVendorServer()
    server.answer(() => faults.redirect(`${elsewhere.urls.openai}/chat/completions`))
    await expect(ask(openai())).rejects.toMatchObject({ failure: 'rejected' })
    expect(elsewhere.requests).toHaveLength(0)
  })
})

function failureOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'failure' in error ? String(error.failure) : 'other'
}
