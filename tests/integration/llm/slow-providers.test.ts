import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LlmPart } from '../../../server/src/platform/llm/llm-provider.ts'
import { faults } from '../../support/llm/faults.ts'
import { question, registryAt, type TestRegistry, VENDORS } from '../../support/llm/providers.ts'
import type { Answer } from '../../support/llm/script.ts'
import { startVendorServer, type VendorServer } from '../../support/llm/vendor-server.ts'
import { timed, until } from '../../support/until.ts'

const FIRST_MS = 500
const IDLE_MS = 400
const TOTAL_MS = 1_200
/** How late a timer may be on a machine that is busy with tests. */
const LATE_MS = 1_000

/** All four at once: what these tests do is wait. */
describe('a provider that is slow', () => {
  let server: VendorServer
  let registry: TestRegistry

  beforeAll(async () => {
    server = await startVendorServer()
    // Loading a package for the first time is not what is measured.
    await using patient = registryAt(server)
    await Promise.all(VENDORS.map(({ name, model }) => patient.get(name).generate(question(model))))
    registry = registryAt(server, {
      LLM_FIRST_TOKEN_TIMEOUT_MS: String(FIRST_MS),
      LLM_IDLE_TIMEOUT_MS: String(IDLE_MS),
      LLM_TOTAL_TIMEOUT_MS: String(TOTAL_MS),
      LLM_BREAKER_FAILURES: '1000',
    })
  })
  afterAll(async () => {
    await registry[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  /** What each of the four gave before it was given up, and after how long. */
  async function giveUp(answer: () => Answer) {
    server.answer(answer)
    const before = server.requests.length
    const all = await Promise.all(
      VENDORS.map(async ({ name, model }) => {
        const parts: LlmPart[] = []
        const { ms } = await timed(async () => {
          const read = async () => {
            for await (const part of registry.get(name).stream(question(model))) parts.push(part)
          }
          await expect(read()).rejects.toMatchObject({ failure: 'timeout', provider: name })
        })
        return { ms, text: parts.map((part) => (part.type === 'text' ? part.text : '')).join('') }
      }),
    )
    await until('all vendors are left', () =>
      server.requests.slice(before).every(({ leftAt }) => leftAt !== undefined) ? true : undefined,
    )
    return all
  }

  test('that says nothing is given up when its first token is due', async () => {
    for (const { ms, text } of await giveUp(faults.silence)) {
      expect(text).toBe('')
      expect(ms).toBeGreaterThan(FIRST_MS - 50)
      expect(ms).toBeLessThan(FIRST_MS + LATE_MS)
    }
  })

  test('that falls silent half-way is given up, and what came is kept', async () => {
    for (const { ms, text } of await giveUp(() => faults.stall())) {
      expect(text).toBe('It begins ')
      expect(ms).toBeGreaterThan(IDLE_MS - 50)
      expect(ms).toBeLessThan(IDLE_MS + LATE_MS)
    }
  })

  test('that sends a byte now and then is given up: bytes are no tokens', async () => {
    const bytes = () => faults.trickle('data: {"choices":[{"delta":', () => delay(50))
    for (const { text } of await giveUp(bytes)) expect(text).toBe('')
  })

  test('that sends a word now and then is ended after the whole time', async () => {
    const words = async function* () {
      for (;;) {
        yield { wait: delay(60) }
        yield { text: 'word ' }
      }
    }
    for (const { ms, text } of await giveUp(words)) {
      expect(text).toContain('word word')
      expect(ms).toBeGreaterThan(TOTAL_MS - 50)
      expect(ms).toBeLessThan(TOTAL_MS + LATE_MS)
    }
  })
})
